export interface ClaimLimits {
  /** What one stream may claim in all of its subscriptions, bytes. */
  readonly streamBytes: number;
  /** What all streams may claim together, but for the free part of each, bytes. */
  readonly totalBytes: number;
  /** What each stream may claim besides: no more than the stream itself takes, bytes. */
  readonly freeBytes: number;
}

/** Which limit a claim would go beyond. */
export type Excess = "of the stream" | "of all streams";

const claimLimits: ClaimLimits = {
  streamBytes: 16 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  freeBytes: 4096,
};

/**
 * Bounds what is remembered of what sinks say they kept, until they acknowledge a push. What differs from what is published counts,
 * and all of it while nothing is published.
 */
export class ClaimBudget {
  readonly #limits: ClaimLimits;
  #taken = 0;

  constructor(limits: Partial<ClaimLimits> = {}) {
    this.#limits = { ...claimLimits, ...limits };
  }

  /** Bytes that are remembered for all streams, but for the free part of each. */
  get takenBytes(): number {
    return this.#taken;
  }

  /** What speaks against a stream claiming so much instead of what it claims now; `undefined` when nothing does. */
  excess(nowBytes: number, nextBytes: number): Excess | undefined {
    if (nextBytes <= nowBytes) return undefined;
    if (nextBytes > this.#limits.streamBytes) return "of the stream";
    const growth = this.#counted(nextBytes) - this.#counted(nowBytes);
    return growth > 0 && this.#taken + growth > this.#limits.totalBytes ? "of all streams" : undefined;
  }

  /** A stream claims so much instead of what it claimed. */
  change(beforeBytes: number, nowBytes: number): void {
    this.#taken += this.#counted(nowBytes) - this.#counted(beforeBytes);
  }

  #counted(bytes: number): number {
    return Math.max(0, bytes - this.#limits.freeBytes);
  }
}
