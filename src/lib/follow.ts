import type { Clock } from "./clock.ts";

export interface FollowOptions {
  /** Ends the iteration. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** How long an iteration that is let go of has to end by itself, milliseconds. */
  readonly graceMs: number;
}

/** How an iteration was left: it had no more, it was stopped and ended, or it was stopped and did not end in time. */
export type Followed = "over" | "stopped" | "abandoned";

/**
 * Takes the items of an iteration as they come, until the signal aborts. Unlike `for await`, it does not wait for ever for one
 * that ignores that: such an iteration is left to itself.
 * @throws what the iteration or `take` throws before the signal aborts; what comes after that is nobody's concern
 */
export async function follow<T>(
  items: AsyncIterable<T>,
  take: (item: T) => void,
  { signal, clock, graceMs }: FollowOptions,
): Promise<Followed> {
  const iterator = items[Symbol.asyncIterator]();
  let stop: () => void = () => undefined;
  const onAbort = (): void => stop();
  signal.addEventListener("abort", onAbort, { once: true });
  let isRunning = false;
  try {
    while (!signal.aborted) {
      isRunning = false; // what throws in here has ended by itself
      const next = iterator.next();
      // A promise of its own for each item: a race with one that lasts would keep all that was raced with it.
      const result = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
        stop = () => resolve(undefined);
        next.then(resolve, reject);
      });
      if (result?.done === true) return signal.aborted ? "stopped" : "over";
      isRunning = true;
      if (result !== undefined && !signal.aborted) take(result.value);
    }
  } catch (error) {
    if (isRunning) await letGo(iterator, clock, graceMs);
    if (!signal.aborted) throw error;
    return "stopped";
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  return (await letGo(iterator, clock, graceMs)) ? "stopped" : "abandoned";
}

/** Has an iteration end; whether it did in time. */
function letGo<T>(iterator: AsyncIterator<T>, clock: Clock, graceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(graceMs, () => resolve(false));
    const ended = (): void => {
      cancel();
      resolve(true);
    };
    void (async () => await iterator.return?.())().then(ended, ended);
  });
}
