import type { Cancel, Clock } from "../lib/clock.ts";
import { type BucketOptions, TokenBucket } from "../lib/token-bucket.ts";
import type { Feed } from "../snapshot/feed.ts";

/** What one stream may ask for anew: each subscribe may cost a full push. */
const subscribeLimit: BucketOptions = { burst: 200, perSecond: 20 };

/** @param waited whether it had to wait, so that what came after it may have been dealt with before it */
export type Admit = (waited: boolean) => void;

/**
 * Lets subscribes through at a bounded pace. One that has to wait does so beside the stream: answers and pushes go on, and
 * of two subscribes for one feed only the latest is kept, so what waits is bounded by the number of feeds.
 */
export class SubscribeGate {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  /** Made when the first has to wait: most streams never ask for so much. */
  #waiting: Map<Feed, Admit> | undefined;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, limit: BucketOptions = subscribeLimit) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, limit);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting?.size ?? 0;
  }

  /** Runs `admit` now, or as soon as there is a token. */
  pass(feed: Feed, admit: Admit): void {
    if (this.waiting === 0 && this.#bucket.take()) {
      admit(false);
      return;
    }
    this.#waiting ??= new Map();
    this.#waiting.set(feed, admit);
    this.#arm(this.#waiting);
  }

  /** Forgets what waits. */
  close(): void {
    this.#cancel?.();
    this.#waiting?.clear();
  }

  #arm(waiting: Map<Feed, Admit>): void {
    this.#cancel ??= this.#clock.schedule(this.#bucket.waitMs, () => {
      this.#cancel = undefined;
      for (const [feed, admit] of waiting) {
        if (!this.#bucket.take()) {
          this.#arm(waiting);
          return;
        }
        waiting.delete(feed);
        admit(true);
      }
    });
  }
}
