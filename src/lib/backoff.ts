export interface BackoffOptions {
  /** The first delay, milliseconds. */
  readonly minMs: number;
  /** The longest delay, milliseconds. */
  readonly maxMs: number;
  /** How much each delay grows over the one before; 2 doubles. */
  readonly factor: number;
  /** Part of a delay that chance decides, 0 to 1: 0.5 gives half to all of it. Spreads those who fail together. */
  readonly jitter: number;
}

/** Delays for retries: growing, bounded, jittered. */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: () => number;
  #attempts = 0;

  /** @param random gives numbers from 0 up to 1; passed in so that tests know what comes */
  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  /** The delay before the next attempt, whole milliseconds. */
  next(): number {
    const { minMs, maxMs, factor, jitter } = this.#options;
    const full = Math.min(maxMs, minMs * factor ** this.#attempts);
    this.#attempts++;
    return Math.round(full * (1 - jitter * this.#random()));
  }

  /** Starts from the smallest delay again: called once an attempt has proved itself. */
  reset(): void {
    this.#attempts = 0;
  }
}
