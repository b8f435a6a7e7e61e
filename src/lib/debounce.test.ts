import fc from "fast-check";
import { expect, test } from "vitest";
import { Debounce } from "./debounce.ts";
import { ManualClock } from "./manual-clock.ts";

const options = { minMs: 10, maxMs: 1000 };

test("the first change after quiet runs at once", () => {
  const clock = new ManualClock();
  const runs: number[] = [];
  const debounce = new Debounce(clock, options, () => runs.push(clock.now()));
  clock.advance(5000);
  debounce.changed();
  debounce.changed();
  expect(runs).toEqual([]);
  clock.advance(0);
  expect(runs).toEqual([5000]);
  clock.advance(5000);
  debounce.changed();
  clock.advance(0);
  expect(runs).toEqual([5000, 10_000]);
});

test("under steady change the window doubles up to its maximum and is small again after quiet", () => {
  const clock = new ManualClock();
  const runs: number[] = [];
  const debounce = new Debounce(clock, options, () => runs.push(clock.now()));
  for (let i = 0; i < 4000; i++) {
    debounce.changed();
    clock.advance(1);
  }
  const gaps = runs.slice(1).map((at, i) => at - runs[i]!);
  expect(gaps).toEqual([10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
  clock.advance(2000);
  expect(debounce.windowMs).toBe(0);
  expect(clock.pending).toBe(0);
});

test("after disposal nothing runs any more", () => {
  const clock = new ManualClock();
  let runs = 0;
  const debounce = new Debounce(clock, options, () => runs++);
  debounce.changed();
  clock.advance(0);
  debounce.changed();
  debounce[Symbol.dispose]();
  debounce.changed();
  clock.advance(10_000);
  expect(runs).toBe(1);
  expect(clock.pending).toBe(0);
});

test("whatever the schedule, no change waits longer than the maximum and none is forgotten", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 80 }), (gaps) => {
      const clock = new ManualClock();
      let oldest: number | undefined;
      const debounce = new Debounce(clock, options, () => {
        expect(clock.now() - oldest!).toBeLessThanOrEqual(options.maxMs);
        oldest = undefined;
      });
      for (const gap of gaps) {
        clock.advance(gap);
        oldest ??= clock.now();
        debounce.changed();
      }
      clock.advance(5000);
      expect(oldest).toBeUndefined();
      expect(clock.pending).toBe(0);
    }),
  );
});
