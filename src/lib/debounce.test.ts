import fc from "fast-check";
import { expect, test } from "vitest";
import { Debounce, type Run } from "./debounce.ts";
import { ManualClock } from "./manual-clock.ts";

const options = { minMs: 10, steadyMs: 250, maxMs: 1000 };

/** Notes when it is run; what each run sets off takes so long. */
function noting(clock: ManualClock, runs: number[], costMs = 0): Run {
  return (done) => {
    runs.push(clock.now());
    if (costMs === 0) done();
    else clock.schedule(costMs, done);
  };
}

/** A change each millisecond. */
function storm(clock: ManualClock, debounce: Debounce, ms: number): void {
  for (let i = 0; i < ms; i++) {
    debounce.changed();
    clock.advance(1);
  }
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((at, i) => at - times[i]!);
}

test("the first change after quiet runs at once", () => {
  const clock = new ManualClock();
  const runs: number[] = [];
  const debounce = new Debounce(clock, options, noting(clock, runs));
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
  expect(debounce.gatheredMs).toBe(0);
});

test("under steady change the window doubles until it is as wide as is good, and is small again after quiet", () => {
  const clock = new ManualClock();
  const runs: number[] = [];
  const debounce = new Debounce(clock, options, noting(clock, runs));
  storm(clock, debounce, 1500);
  expect(gaps(runs)).toEqual([10, 20, 40, 80, 160, 250, 250, 250, 250]);
  expect(debounce.gatheredMs).toBe(250);
  clock.advance(2000);
  expect(clock.pending).toBe(0);
  debounce.changed();
  clock.advance(0);
  debounce.changed();
  clock.advance(2000);
  expect(gaps(runs.slice(-2))).toEqual([10]);
});

test("a window lasts twice as long as what its run sets off, and at most as long as a change may wait", () => {
  for (const [costMs, windowMs] of [
    [100, 250],
    [200, 400],
    [450, 900],
    [700, 1000],
    [5000, 1000],
  ] as const) {
    const clock = new ManualClock();
    const runs: number[] = [];
    const debounce = new Debounce(clock, options, noting(clock, runs, costMs));
    storm(clock, debounce, 6000);
    expect(gaps(runs).at(-1)).toBe(windowMs);
    expect(debounce.gatheredMs).toBe(windowMs);
  }
});

test("one slow run does not widen the window, two in a row do, and one quick run narrows it again", () => {
  const clock = new ManualClock();
  const runs: number[] = [];
  const costs = [0, 0, 0, 0, 0, 0, 0, 300, 0, 0, 300, 300, 300, 0, 0, 0];
  const debounce = new Debounce(clock, options, (done) => {
    runs.push(clock.now());
    clock.schedule(costs[runs.length - 1] ?? 0, done);
  });
  storm(clock, debounce, 4000);
  expect(gaps(runs).slice(5, 16)).toEqual([250, 250, 250, 250, 250, 250, 500, 600, 250, 250, 250]);
});

test("a run that is not over when the next one begins counts for as long as it has had, and says nothing later", () => {
  const clock = new ManualClock();
  const runs: number[] = [];
  const dones: (() => void)[] = [];
  const debounce = new Debounce(clock, options, (done) => {
    runs.push(clock.now());
    dones.push(done);
  });
  storm(clock, debounce, 3000);
  expect(gaps(runs)).toEqual([10, 20, 40, 80, 160, 320, 640, 1000]);
  dones[0]!();
  storm(clock, debounce, 1000);
  expect(gaps(runs).at(-1)).toBe(1000);
  clock.advance(5000);
  expect(clock.pending).toBe(0);
  dones.at(-1)!();
  expect(clock.pending).toBe(0);
});

test("after disposal nothing runs any more, whatever ends then", () => {
  const clock = new ManualClock();
  const runs: number[] = [];
  const dones: (() => void)[] = [];
  const debounce = new Debounce(clock, options, (done) => {
    runs.push(clock.now());
    dones.push(done);
  });
  debounce.changed();
  clock.advance(0);
  debounce.changed();
  debounce[Symbol.dispose]();
  debounce.changed();
  dones[0]!();
  clock.advance(10_000);
  expect(runs).toEqual([0]);
  expect(clock.pending).toBe(0);
});

test("whatever changes and whatever runs take, no change waits longer than the maximum and none is forgotten", () => {
  const gapsMs = fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 80 });
  const costsMs = fc.array(fc.integer({ min: 0, max: 1500 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(gapsMs, costsMs, (changes, costs) => {
      const clock = new ManualClock();
      let oldest: number | undefined;
      let runs = 0;
      const debounce = new Debounce(clock, options, (done) => {
        expect(clock.now() - oldest!).toBeLessThanOrEqual(options.maxMs);
        oldest = undefined;
        clock.schedule(costs[runs++ % costs.length]!, done);
      });
      for (const gap of changes) {
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
