import { Backoff, type BackoffOptions } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import { sleep } from "../../lib/sleep.ts";

/** How an attempt to keep a stream ended. */
export interface AttemptEnd {
  /** gRPC status code. */
  readonly code: number;
  readonly message: string;
  /** How long there was a connection, milliseconds. */
  readonly aliveMs: number;
}

export interface ReconnectOptions {
  readonly clock: Clock;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
  readonly backoff?: BackoffOptions;
}

/**
 * The first delay is 1 to 2 seconds, the longest 15 to 30. Chance decides half of each, so that the streams that one
 * server lost don't come back to it at one moment.
 */
export const reconnectBackoff: BackoffOptions = { minMs: 2000, maxMs: 30_000, factor: 1.6, jitter: 0.5 };

/** A connection that lived this long was healthy: the delay after it is the shortest again, milliseconds. */
export const HEALTHY_MS = 30_000;

/**
 * Makes one attempt after the other, the first at once, until the signal aborts. An attempt that throws ends it all.
 * @param attempt resolves when its stream is over and everything of it is closed
 * @param ended told before each delay
 */
export async function reconnecting(
  { clock, signal, backoff: options }: ReconnectOptions,
  attempt: (number: number) => Promise<AttemptEnd>,
  ended: (end: AttemptEnd, retryMs: number) => void,
): Promise<void> {
  const backoff = new Backoff(options ?? reconnectBackoff);
  for (let number = 1; !signal.aborted; number++) {
    const end = await attempt(number);
    if (signal.aborted) return;
    if (end.aliveMs >= HEALTHY_MS) backoff.reset();
    const retryMs = backoff.next();
    ended(end, retryMs);
    await sleep(clock, retryMs, signal);
  }
}
