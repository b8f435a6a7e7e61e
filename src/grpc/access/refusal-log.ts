import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { Recurrences } from "../../lib/recurrences.ts";
import type { Peer } from "../method.ts";
import { clip, few } from "./few.ts";

/** How often refusals are logged. */
export interface RefusalLogLimit {
  /** Lines that may be written at once. */
  readonly burst: number;
  /** Time in which one more may be, milliseconds. */
  readonly everyMs: number;
}

/** As in Galley 1.3.6. */
export const refusalLogLimit: RefusalLogLimit = { burst: 1, everyMs: 60_000 };

/** Logs refused peers, but not each of them: a sink that is refused comes back every second. */
export class RefusalLog {
  readonly #log: Logger;
  readonly #refusals: Recurrences;

  constructor(clock: Clock, log: Logger, { burst, everyMs }: RefusalLogLimit = refusalLogLimit) {
    this.#log = log;
    this.#refusals = new Recurrences(clock, { each: { burst, perSecond: 1000 / everyMs } });
  }

  refused({ address, tls }: Peer, reason: string): void {
    // All are of one kind: whom a peer that is refused says it is counts for nothing.
    const held = this.#refusals.count("");
    if (held === undefined) return;
    this.#log.warn("a sink was refused: authentication failed", {
      peer: address,
      reason: clip(reason),
      identities: few(tls?.uris ?? []),
      // Those since the last such line, this one included.
      refusals: held + 1,
    });
  }
}
