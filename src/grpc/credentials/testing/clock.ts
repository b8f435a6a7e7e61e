import { ManualClock } from "../../../lib/manual-clock.ts";

/** A manual clock that has the time of day, which certificates are judged by. */
export class DatedClock extends ManualClock {
  readonly #startMs: number;

  constructor(date = "2026-01-01") {
    super();
    this.#startMs = Date.parse(date);
  }

  override wall(): number {
    return this.#startMs + this.now();
  }
}
