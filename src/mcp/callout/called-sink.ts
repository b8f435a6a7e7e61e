import type { AttemptEnd } from "../../grpc/dial/reconnect.ts";
import type { Clock } from "../../lib/clock.ts";
import { clip } from "../../serving/view.ts";

/** How it stands with one sink that is called. Moments are wall clock milliseconds. */
export interface CalledSink {
  readonly address: string;
  /** `connected` once the sink is reached; `waiting` to be called again. */
  readonly state: "calling" | "connected" | "waiting";
  /** Since when it is in that state. */
  readonly since: number;
  /** When it is called again; while waiting. */
  readonly retryAt: number | undefined;
  /** How the last stream, or attempt at one, ended, with its gRPC code. */
  readonly lastEnd: { readonly code: number; readonly message: string; readonly at: number } | undefined;
}

/** Follows what becomes of the calls to one sink. */
export class CalledSinkState implements CalledSink {
  readonly address: string;
  readonly #clock: Clock;
  #state: CalledSink["state"] = "calling";
  #since: number;
  #retryAt: number | undefined;
  #lastEnd: CalledSink["lastEnd"];

  constructor(address: string, clock: Clock) {
    this.address = address;
    this.#clock = clock;
    this.#since = clock.wall();
  }

  get state(): CalledSink["state"] {
    return this.#state;
  }

  get since(): number {
    return this.#since;
  }

  get retryAt(): number | undefined {
    return this.#retryAt;
  }

  get lastEnd(): CalledSink["lastEnd"] {
    return this.#lastEnd;
  }

  calling(): void {
    this.#enter("calling");
  }

  connected(): void {
    this.#enter("connected");
  }

  ended({ code, message }: AttemptEnd, retryMs: number): void {
    this.#enter("waiting");
    this.#lastEnd = { code, message: clip(message), at: this.#since };
    this.#retryAt = this.#since + retryMs;
  }

  #enter(state: CalledSink["state"]): void {
    this.#state = state;
    this.#since = this.#clock.wall();
    this.#retryAt = undefined;
  }
}
