import { expect, test } from "vitest";
import { follow } from "./follow.ts";
import { ManualClock } from "./manual-clock.ts";

function setUp(): { clock: ManualClock; abort: AbortController; options: Parameters<typeof follow>[2] } {
  const [clock, abort] = [new ManualClock(), new AbortController()];
  return { clock, abort, options: { signal: abort.signal, clock, graceMs: 500 } };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Says its items, waits for the signal unless it ignores that, and takes a turn to clean up. */
async function* counted(items: readonly number[], signal?: AbortSignal, cleaned: () => void = () => undefined) {
  try {
    yield* items;
    await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
  } finally {
    await turn();
    cleaned();
  }
}

test("every item is taken in order until there is none left", async () => {
  const { options, clock } = setUp();
  const taken: number[] = [];
  expect(
    await follow(
      (async function* () {
        yield* [1, 2, 3];
      })(),
      (item) => taken.push(item),
      options,
    ),
  ).toBe("over");
  expect([taken, clock.pending]).toEqual([[1, 2, 3], 0]);
});

test("an iteration that ends when told to is waited for, its cleaning up included", async () => {
  const { options, clock, abort } = setUp();
  let isClean = false;
  const followed = follow(
    counted([1], abort.signal, () => (isClean = true)),
    () => undefined,
    options,
  );
  await turn();
  abort.abort();
  expect([await followed, isClean, clock.pending]).toEqual(["stopped", true, 0]);
});

test("an iteration that ignores the signal is left to itself after the grace", async () => {
  const { options, clock, abort } = setUp();
  const followed = follow(counted([1]), () => undefined, options);
  await turn();
  abort.abort();
  await turn();
  clock.advance(499);
  expect(clock.pending).toBe(1);
  clock.advance(1);
  expect(await followed).toBe("abandoned");
});

test("nothing is taken after the signal, even if it comes at once", async () => {
  const { options, abort } = setUp();
  const taken: number[] = [];
  const take = (item: number): void => {
    taken.push(item);
    abort.abort();
  };
  expect(await follow(counted([1, 2, 3], abort.signal), take, options)).toBe("stopped");
  expect(taken).toEqual([1]);
  expect(await follow(counted([4], abort.signal), take, options)).toBe("stopped");
  expect(taken).toEqual([1]);
});

test("what the iteration throws comes out, and nothing is left behind", async () => {
  const { options, clock } = setUp();
  const failing = (async function* () {
    yield 1;
    throw new Error("boom");
  })();
  await expect(follow(failing, () => undefined, options)).rejects.toThrow("boom");
  expect(clock.pending).toBe(0);
});

test("when an item can't be taken the iteration is ended first", async () => {
  const { options, abort } = setUp();
  let isClean = false;
  const items = counted([1, 2], abort.signal, () => (isClean = true));
  const take = (): never => {
    throw new Error("not that");
  };
  await expect(follow(items, take, options)).rejects.toThrow("not that");
  expect(isClean).toBe(true);
});

test("that an iteration throws because of the signal is no error", async () => {
  const { options, abort } = setUp();
  const items: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise((_, reject) => abort.signal.addEventListener("abort", () => reject(abort.signal.reason as Error))),
      return: () => Promise.reject(new Error("nor is this")),
    }),
  };
  const followed = follow(items, () => undefined, options);
  abort.abort();
  expect(await followed).toBe("stopped");
});
