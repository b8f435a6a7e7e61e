import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

const options = { minMs: 100, maxMs: 1000, factor: 2, jitter: 0.5 };

test("delays double up to the maximum, and a reset starts over", () => {
  const backoff = new Backoff(options, () => 0);
  expect(Array.from({ length: 6 }, () => backoff.next())).toEqual([100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  expect(backoff.next()).toBe(100);
});

test("chance takes off up to the share that jitter names", () => {
  const luckiest = new Backoff(options, () => 0.999);
  expect(luckiest.next()).toBeCloseTo(50, 0);
});
