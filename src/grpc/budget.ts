import type { Clock } from "../lib/clock.ts";

/** What a peer may do: `burst` times at once, `perSecond` times a second in the long run. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket that starts full. It never waits: who overdraws it learns so at once. */
export class Budget {
  readonly #clock: Clock;
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = clock.now();
  }

  /** Takes one token; `false` when there is none. */
  spend(): boolean {
    const now = this.#clock.now();
    const earned = ((now - this.#filledAt) / 1000) * this.#rate.perSecond;
    this.#filledAt = now;
    this.earn(earned);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Adds tokens; what exceeds the burst is lost. */
  earn(tokens: number): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + tokens);
  }
}
