import { checkNumber, LONGEST_TIMER_MS } from "./number-option.ts";

export interface BackoffOptions {
  /** The first delay, milliseconds. */
  readonly minMs: number;
  /** The longest delay, milliseconds; no shorter than the first. */
  readonly maxMs: number;
  /** How much each delay grows over the one before, 1 or more; 2 doubles. */
  readonly factor: number;
  /** Part of a delay that chance decides, 0 to 1: 0.5 gives half to all of it. Spreads those who fail together. */
  readonly jitter: number;
}

/** By this the shortest delay is the longest after one attempt. */
const MOST_GROWTH = LONGEST_TIMER_MS;

/**
 * For delays that a program decides on, as `backoff`.
 * @throws RangeError when one of the numbers can't be used
 */
export function checkBackoff({ minMs, maxMs, factor, jitter }: BackoffOptions): void {
  const unit = "milliseconds";
  // Without any delay, what fails at once would be tried for all that a core can do.
  checkNumber("backoff.minMs", minMs, { min: 1, max: LONGEST_TIMER_MS, unit });
  checkNumber("backoff.maxMs", maxMs, { min: minMs, max: LONGEST_TIMER_MS, unit });
  checkNumber("backoff.factor", factor, { min: 1, max: MOST_GROWTH });
  checkNumber("backoff.jitter", jitter, { min: 0, max: 1 });
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
