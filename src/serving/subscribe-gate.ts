import type { Cancel, Clock } from "../lib/clock.ts";
import { type BucketOptions, TokenBucket } from "../lib/token-bucket.ts";
import type { StreamMemory } from "../distribution/peer-memory.ts";
import type { Feed } from "../snapshot/feed.ts";

/** What one stream may ask for anew: each subscribe may cost a full push. */
const subscribeLimit: BucketOptions = { burst: 200, perSecond: 20 };

/** A subscribe that waits. */
interface Waiting {
  readonly admit: () => void;
  /** What it takes, bytes. */
  readonly bytes: number;
}

/**
 * Lets subscribes through at a bounded pace. One that has to wait does so beside the stream: answers and pushes go on, and
 * of two subscribes for one feed only the latest is kept, so what waits is bounded by the number of feeds.
 */
export class SubscribeGate {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #memory: StreamMemory;
  /** Made when the first has to wait: most streams never ask for so much. */
  #waiting: Map<Feed, Waiting> | undefined;
  #cancel: Cancel | undefined;

  /** @param memory where counts what waits, until the stream is over */
  constructor(clock: Clock, memory: StreamMemory, limit: BucketOptions = subscribeLimit) {
    this.#clock = clock;
    this.#memory = memory;
    this.#bucket = new TokenBucket(clock, limit);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting?.size ?? 0;
  }

  /** Whether a subscribe may be dealt with now, which takes a token. */
  admits(): boolean {
    return this.waiting === 0 && this.#bucket.take();
  }

  /** Has `admit` run as soon as there is a token. Gives whether it takes the place of one that waits. */
  wait(feed: Feed, subscribe: Waiting): boolean {
    this.#waiting ??= new Map();
    const before = this.#waiting.get(feed);
    this.#memory.add(subscribe.bytes - (before?.bytes ?? 0));
    this.#waiting.set(feed, subscribe);
    this.#arm(this.#waiting);
    return before !== undefined;
  }

  /** Forgets what waits. */
  close(): void {
    this.#cancel?.();
    this.#waiting?.clear();
  }

  #arm(waiting: Map<Feed, Waiting>): void {
    this.#cancel ??= this.#clock.schedule(this.#bucket.waitMs, () => {
      this.#cancel = undefined;
      for (const [feed, { admit, bytes }] of waiting) {
        if (!this.#bucket.take()) {
          this.#arm(waiting);
          return;
        }
        waiting.delete(feed);
        this.#memory.add(-bytes);
        admit();
      }
    });
  }
}
