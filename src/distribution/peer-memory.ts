export interface PeerMemoryLimits {
  /** What one stream may have us remember, bytes. */
  readonly streamBytes: number;
  /** What all streams may together, but for the free part of each, bytes. */
  readonly totalBytes: number;
  /** What each stream may besides: no more than the stream itself takes, bytes. */
  readonly freeBytes: number;
}

/** Which limit would be gone beyond. */
export type Excess = "of the stream" | "of all streams";

const defaultLimits: PeerMemoryLimits = {
  streamBytes: 16 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  freeBytes: 8192,
};

/**
 * Bounds what peers have us remember, whatever it is: names that they ask for, or that they have to be told of; versions that
 * they say they kept, as far as they are not what is published; type URLs of their own; why they refuse what they are sent.
 */
export class PeerMemory {
  readonly #limits: PeerMemoryLimits;
  #taken = 0;

  constructor(limits: Partial<PeerMemoryLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
  }

  /** Bytes that are remembered for all streams, but for the free part of each. */
  get takenBytes(): number {
    return this.#taken;
  }

  /** What speaks against a stream taking so much instead of what it takes now; `undefined` when nothing does. */
  excess(nowBytes: number, nextBytes: number): Excess | undefined {
    if (nextBytes <= nowBytes) return undefined;
    if (nextBytes > this.#limits.streamBytes) return "of the stream";
    const growth = this.#counted(nextBytes) - this.#counted(nowBytes);
    return growth > 0 && this.#taken + growth > this.#limits.totalBytes ? "of all streams" : undefined;
  }

  /** A stream takes so much instead of what it took. */
  change(beforeBytes: number, nowBytes: number): void {
    this.#taken += this.#counted(nowBytes) - this.#counted(beforeBytes);
  }

  #counted(bytes: number): number {
    return Math.max(0, bytes - this.#limits.freeBytes);
  }
}

/** The part of one stream. */
export class StreamMemory {
  readonly #whole: PeerMemory | undefined;
  #bytes = 0;

  /** @param whole no bound without */
  constructor(whole: PeerMemory | undefined) {
    this.#whole = whole;
  }

  /** What speaks against so much more; `undefined` when nothing does. */
  excess(bytes: number): Excess | undefined {
    return this.#whole?.excess(this.#bytes, this.#bytes + bytes);
  }

  /** So much more is remembered, or less. */
  add(bytes: number): void {
    if (bytes === 0) return;
    this.#whole?.change(this.#bytes, this.#bytes + bytes);
    this.#bytes += bytes;
  }

  /** The stream is over, and nothing of it is remembered. */
  close(): void {
    this.add(-this.#bytes);
  }
}
