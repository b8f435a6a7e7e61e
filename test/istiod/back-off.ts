const FIRST_MS = 500;
const LONGEST_MS = 60_000;
const GROWTH = 1.5;
const JITTER = 0.5;

/** How long istiod waits before it opens a stream again. */
export class BackOff {
  readonly #random: () => number;
  #nextMs = FIRST_MS;

  /** @param random uniform in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** A stream exists: istiod takes that for success before anything was said on it. */
  reset(): void {
    this.#nextMs = FIRST_MS;
  }

  delayMs(): number {
    const jittered = this.#nextMs * (1 - JITTER + 2 * JITTER * this.#random());
    this.#nextMs = Math.min(LONGEST_MS, this.#nextMs * GROWTH);
    return jittered;
  }
}
