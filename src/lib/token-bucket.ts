import type { Clock } from "./clock.ts";

export interface BucketOptions {
  /** Tokens in a full bucket; the bucket starts full. */
  readonly burst: number;
  /** Tokens that accrue in a second. */
  readonly perSecond: number;
}

/** A token bucket that never waits by itself: it says whether there is a token, and when there will be. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #options: BucketOptions;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, options: BucketOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#tokens = options.burst;
    this.#at = clock.now();
  }

  /** Takes a token if there is one. */
  take(): boolean {
    this.#accrue();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until there is a token; 0 when there is one. */
  get waitMs(): number {
    this.#accrue();
    // Rounded up: a timer that fires a moment early would find the bucket still empty.
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#options.perSecond) * 1000);
  }

  #accrue(): void {
    const now = this.#clock.now();
    const accrued = ((now - this.#at) / 1000) * this.#options.perSecond;
    this.#tokens = Math.min(this.#options.burst, this.#tokens + accrued);
    this.#at = now;
  }
}
