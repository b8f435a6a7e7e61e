import { expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import { gateLimits, StreamGate } from "./gate.ts";

const limits = { burst: 2, perSecond: 10, maxWaiting: 3 };

test("a burst passes at once, the rest in order and at a steady pace", () => {
  const clock = new ManualClock();
  const gate = new StreamGate(clock, limits);
  const admitted: number[] = [];
  expect([gate.pass(), gate.pass(), gate.pass()]).toEqual([true, true, false]);
  for (const id of [1, 2, 3]) gate.wait(() => admitted.push(id));
  clock.advance(99);
  expect([admitted, gate.waiting]).toEqual([[], 3]);
  clock.advance(1);
  expect(admitted).toEqual([1]);
  clock.advance(200);
  expect([admitted, gate.waiting, clock.pending]).toEqual([[1, 2, 3], 0, 0]);
});

test("nobody passes those who wait", () => {
  const clock = new ManualClock();
  const gate = new StreamGate(clock, limits);
  gate.pass();
  gate.pass();
  gate.wait(() => undefined);
  clock.advance(50);
  expect(gate.pass()).toBe(false);
  clock.advance(50);
  expect([gate.waiting, gate.pass()]).toEqual([0, false]);
  clock.advance(100);
  expect(gate.pass()).toBe(true);
});

test("who gives up leaves the place to the next, and the last one the clock in peace", () => {
  const clock = new ManualClock();
  const gate = new StreamGate(clock, { ...limits, burst: 1 });
  gate.pass();
  const admitted: number[] = [];
  const leave = [1, 2].map((id) => gate.wait(() => admitted.push(id))!);
  leave[0]!();
  clock.advance(100);
  expect(admitted).toEqual([2]);
  gate.wait(() => admitted.push(3))!();
  expect([gate.waiting, clock.pending]).toEqual([0, 0]);
  leave[1]!();
  expect(gate.waiting).toBe(0);
});

test("so many wait and no more", () => {
  const gate = new StreamGate(new ManualClock(), limits);
  const waits = Array.from({ length: 4 }, () => gate.wait(() => undefined));
  expect(waits.map((leave) => leave !== undefined)).toEqual([true, true, true, false]);
});

test("by default ten thousand are through in three seconds", () => {
  const clock = new ManualClock();
  const gate = new StreamGate(clock, gateLimits);
  let through = 0;
  for (let i = 0; i < 10_000; i++) {
    if (gate.pass()) through++;
    else gate.wait(() => through++);
  }
  expect(through).toBe(4_000);
  clock.advance(3_000);
  expect(through).toBe(10_000);
});
