import { expect, test } from "vitest";
import { inOrder } from "./ahead.ts";

/** Jobs that end when they are told to. */
function jobs(weights: readonly number[]) {
  const begun: number[] = [];
  const ends: ((value: string) => void)[] = [];
  const run = (job: number): Promise<string> => {
    begun.push(job);
    return new Promise((resolve) => (ends[job] = resolve));
  };
  const all = weights.map((_, i) => i);
  const results = (limits: { jobs: number; weight: number }) => inOrder(all, (job) => weights[job]!, run, limits);
  return { begun, ends, results };
}

test("results come in the order of the jobs, whichever ends first", async () => {
  const { ends, results } = jobs([1, 1, 1]);
  const ordered = results({ jobs: 3, weight: 10 });
  const first = ordered.next();
  ends[2]!("c");
  ends[0]!("a");
  expect((await first).value).toEqual([0, "a"]);
  const second = ordered.next();
  ends[1]!("b");
  expect((await second).value).toEqual([1, "b"]);
  expect((await ordered.next()).value).toEqual([2, "c"]);
  expect((await ordered.next()).done).toBe(true);
});

test("no more jobs are begun than the limits allow, but one always is", async () => {
  const { begun, ends, results } = jobs([4, 4, 4, 99, 1]);
  const ordered = results({ jobs: 3, weight: 9 });
  const first = ordered.next();
  expect(begun).toEqual([0, 1]); // a third would weigh too much
  ends[0]!("");
  await first;
  const second = ordered.next();
  expect(begun).toEqual([0, 1, 2]);
  ends[1]!("");
  await second;
  const third = ordered.next();
  expect(begun).toEqual([0, 1, 2]);
  ends[2]!("");
  await third;
  void ordered.next();
  expect(begun).toEqual([0, 1, 2, 3]);
});

test("a job that fails throws in its turn", async () => {
  const ordered = inOrder(
    [1, 2],
    () => 1,
    (job) => (job === 2 ? Promise.reject(new Error("two")) : Promise.resolve(job)),
    { jobs: 2, weight: 10 },
  );
  expect((await ordered.next()).value).toEqual([1, 1]);
  await expect(ordered.next()).rejects.toThrow("two");
});
