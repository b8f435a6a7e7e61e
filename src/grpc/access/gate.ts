import type { Cancel, Clock } from "../../lib/clock.ts";
import { TokenBucket, type BucketOptions } from "../../lib/token-bucket.ts";

/** How fast new streams are opened, and how many may wait for it. */
export interface GateLimits extends BucketOptions {
  /** Streams that may wait at the same time. */
  readonly maxWaiting: number;
}

/**
 * After a restart everybody comes back at once, and every stream that opens asks for everything: ten thousand sinks are
 * through in three seconds, which the event loop can take.
 */
export const gateLimits: GateLimits = { burst: 4_000, perSecond: 2_000, maxWaiting: 20_000 };

/** Lets streams through at a bounded pace, first come, first served. */
export class StreamGate {
  readonly #clock: Clock;
  readonly #maxWaiting: number;
  readonly #bucket: TokenBucket;
  readonly #queue = new Set<() => void>();
  #cancel: Cancel | undefined;

  constructor(clock: Clock, limits: GateLimits = gateLimits) {
    this.#clock = clock;
    this.#maxWaiting = limits.maxWaiting;
    this.#bucket = new TokenBucket(clock, limits);
  }

  /** Streams that wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Takes a place without waiting, if there is one and nobody waits for it. */
  pass(): boolean {
    return this.#queue.size === 0 && this.#bucket.take();
  }

  /**
   * Waits for a place, and then calls `admit`, which must not throw.
   * @returns what gives up waiting; undefined when too many wait already, in which case `admit` is never called
   */
  wait(admit: () => void): Cancel | undefined {
    if (this.#queue.size >= this.#maxWaiting) return undefined;
    // A function of its own, so that one that is given twice waits twice.
    const turn = (): void => admit();
    this.#queue.add(turn);
    this.#arm();
    return () => this.#leave(turn);
  }

  #leave(turn: () => void): void {
    this.#queue.delete(turn);
    if (this.#queue.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    if (this.#queue.size === 0) return;
    this.#cancel ??= this.#clock.schedule(this.#bucket.waitMs, () => {
      this.#cancel = undefined;
      this.#admit();
      this.#arm();
    });
  }

  #admit(): void {
    for (const turn of this.#queue) {
      if (!this.#bucket.take()) return;
      this.#queue.delete(turn);
      turn();
    }
  }
}
