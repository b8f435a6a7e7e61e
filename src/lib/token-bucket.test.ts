import { expect, test } from "vitest";
import { ManualClock } from "./manual-clock.ts";
import { TokenBucket } from "./token-bucket.ts";

test("gives its burst at once, then as many as accrue, and never saves more than the burst", () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket(clock, { burst: 2, perSecond: 10 });
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
  clock.advance(99);
  expect(bucket.take()).toBe(false);
  clock.advance(1);
  expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  clock.advance(60_000);
  expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, false]);
});

test("says how long to wait, and there is a token after that", () => {
  const clock = new ManualClock();
  const bucket = new TokenBucket(clock, { burst: 1, perSecond: 3 });
  expect(bucket.waitMs).toBe(0);
  bucket.take();
  clock.advance(bucket.waitMs);
  expect(bucket.take()).toBe(true);
});
