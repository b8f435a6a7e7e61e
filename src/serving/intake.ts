import type { Cancel, Clock } from "../lib/clock.ts";
import { type BucketOptions, TokenBucket } from "../lib/token-bucket.ts";

/** What holds a peer back: nothing comes from it between `pause` and `resume`. */
export interface Tap {
  pause(): void;
  resume(): void;
}

/** Messages of one stream that are dealt with in a row before all others have their turn. */
export const IN_A_ROW = 64;

/**
 * What one stream may say that changes nothing. Far more than sinks have reason to, though an xDS client may name thousands of
 * resources in as many requests under a nonce that is just going out of date. A full burst takes some 50 ms of CPU, in rows.
 */
export const uselessLimit: BucketOptions = { burst: 10_000, perSecond: 100 };

/** How long a stream that says more is not read, milliseconds. */
const REST_MS = 1000;

/**
 * Decides how much of a stream is read: however much has come, only so many messages in a row, and none for a while from who says
 * too much that is of no use. What is due to the sink goes out meanwhile; the sink itself is held back by flow control.
 */
export class Intake {
  readonly #clock: Clock;
  readonly #tap: Tap;
  #row = 0;
  /** Made with the first message that is of no use: most streams never send one. */
  #bucket: TokenBucket | undefined;
  /** Present while the stream rests. */
  #cancelRest: Cancel | undefined;
  #closed = false;

  constructor(clock: Clock, tap: Tap) {
    this.#clock = clock;
    this.#tap = tap;
  }

  /** A message is about to be dealt with. */
  took(): void {
    if (++this.#row < IN_A_ROW) return;
    this.#row = 0;
    this.#tap.pause();
    this.#clock.defer(() => {
      if (!this.#closed && this.#cancelRest === undefined) this.#tap.resume();
    });
  }

  /** The message that is being dealt with was of no use. Gives whether the stream is not read for a while because of it. */
  wasUseless(): boolean {
    if (this.#closed || this.#cancelRest !== undefined) return false;
    this.#bucket ??= new TokenBucket(this.#clock, uselessLimit);
    if (this.#bucket.take()) return false;
    this.#tap.pause();
    this.#cancelRest = this.#clock.schedule(REST_MS, () => {
      this.#cancelRest = undefined;
      this.#tap.resume();
    });
    return true;
  }

  /** The stream is over. */
  close(): void {
    this.#closed = true;
    this.#cancelRest?.();
  }
}
