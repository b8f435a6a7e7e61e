import type { Clock } from "./clock.ts";
import { type BucketOptions, TokenBucket } from "./token-bucket.ts";

/** How often things that happen again and again are told. */
export interface RecurrenceLimit {
  /** Of each kind. */
  readonly each: BucketOptions;
  /** Of all kinds together; no limit unless given. */
  readonly all?: BucketOptions;
}

/** Kinds that are kept in mind at most: those who make them up are not trusted. */
const MAX_KINDS = 500;

interface Kind {
  readonly bucket: TokenBucket;
  held: number;
}

/**
 * Picks which of many like occurrences are told, so that whoever does something again and again fills no log with it. Knows
 * of the kinds that came last.
 */
export class Recurrences {
  readonly #clock: Clock;
  readonly #limit: RecurrenceLimit;
  readonly #all: TokenBucket | undefined;
  /** Those that came last are last. */
  readonly #kinds = new Map<string, Kind>();

  constructor(clock: Clock, limit: RecurrenceLimit) {
    this.#clock = clock;
    this.#limit = limit;
    this.#all = limit.all && new TokenBucket(clock, limit.all);
  }

  /** Something of the kind has happened. If it is to be told, gives how many since the last one were not; else `undefined`. */
  count(kind: string): number | undefined {
    const known = this.#kinds.get(kind) ?? { bucket: new TokenBucket(this.#clock, this.#limit.each), held: 0 };
    this.#kinds.delete(kind);
    this.#kinds.set(kind, known);
    if (this.#kinds.size > MAX_KINDS) this.#kinds.delete(this.#kinds.keys().next().value!);
    if (known.bucket.waitMs > 0 || this.#all?.take() === false) {
      known.held++;
      return undefined;
    }
    known.bucket.take();
    const { held } = known;
    known.held = 0;
    return held;
  }
}
