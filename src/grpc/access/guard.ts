import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Method, Peer, StreamHandler } from "../method.ts";
import { status, type Status } from "../status.ts";
import { StreamGate, type GateLimits } from "./gate.ts";
import { GuardedCall } from "./guarded-call.ts";
import type { AccessRefusal, AccessVerdict } from "./list.ts";
import { RefusalLog, type RefusalLogLimit } from "./refusal-log.ts";

/** Why a call was not opened, or was ended: its peer may not be served, or too many calls wait already. */
type StreamRefusal = AccessRefusal | "crowded";

/** Told of every call that is refused, and of each that runs and is ended because its peer is no longer allowed. */
export type RefusalObserver = (why: StreamRefusal) => void;

export interface GuardOptions {
  /** Whether a peer may be served, as of now. */
  readonly judge: (peer: Peer) => AccessVerdict;
  readonly clock: Clock;
  readonly log: Logger;
  readonly gate?: GateLimits;
  readonly refusalLog?: RefusalLogLimit;
  readonly observer?: RefusalObserver;
}

/**
 * Stands before the methods that give configuration. A peer is judged before its call is opened, so that one who may not
 * be served costs no place in the queue of those who may; and judged again, whenever `recheck` is called, while it runs.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #gate: StreamGate;
  readonly #refusals: RefusalLog;
  readonly #calls = new Set<GuardedCall>();

  constructor(options: GuardOptions) {
    const { clock, log, gate, refusalLog } = options;
    this.#options = options;
    this.#gate = new StreamGate(clock, gate);
    this.#refusals = new RefusalLog(clock, log, refusalLog);
  }

  /** Calls that passed and wait to be opened. */
  get waiting(): number {
    return this.#gate.waiting;
  }

  /** Whether this peer may be served, as of now. */
  mayBeServed(peer: Peer): boolean {
    return this.#options.judge(peer).allowed;
  }

  /** The same method behind the guard. */
  wrap(method: Method): Method {
    return {
      path: method.path,
      open: (stream) => {
        const refusal = this.#refusal(stream.peer);
        if (refusal !== undefined) {
          stream.end(refusal);
          return deaf;
        }
        const call = new GuardedCall(stream, method, this.#calls);
        if (this.#gate.pass()) call.open();
        else if (!call.wait(this.#gate, this.#options.log)) this.#options.observer?.("crowded");
        this.#calls.add(call);
        return call;
      },
    };
  }

  /** Judges all calls again, and ends those whose peer is no longer allowed. Gives their number. */
  recheck(): number {
    let ended = 0;
    for (const call of this.#calls) {
      const refusal = this.#refusal(call.peer);
      if (refusal === undefined) continue;
      this.#calls.delete(call);
      call.expel(refusal);
      ended++;
    }
    if (ended > 0) this.#options.log.warn("streams ended: their sinks may no longer be served", { streams: ended });
    return ended;
  }

  #refusal(peer: Peer): Status | undefined {
    const verdict = this.#options.judge(peer);
    if (verdict.allowed) return undefined;
    this.#options.observer?.(verdict.why);
    this.#refusals.refused(peer, verdict.reason);
    return status("Unauthenticated", `Authentication failure: ${verdict.reason}`);
  }
}

/** Of a call that was refused nobody hears anything. */
const deaf: StreamHandler = { message: () => undefined, halfClose: () => undefined, closed: () => undefined };
