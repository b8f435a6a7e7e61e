import { expect, test } from "vitest";
import { ManualClock } from "./manual-clock.ts";
import { Recurrences } from "./recurrences.ts";

const onceAMinute = { burst: 1, perSecond: 1 / 60 };

test("the first of a kind is told, and then one a minute with how many were not", () => {
  const clock = new ManualClock();
  const recurrences = new Recurrences(clock, { each: onceAMinute });
  const told: [second: number, held: number][] = [];
  for (let second = 0; second <= 120; second++) {
    const held = recurrences.count("a");
    if (held !== undefined) told.push([second, held]);
    clock.advance(1_000);
  }
  expect(told).toEqual([
    [0, 0],
    [60, 59],
    [120, 59],
  ]);
});

test("kinds don't hide one another, and a burst may be allowed", () => {
  const recurrences = new Recurrences(new ManualClock(), { each: { burst: 2, perSecond: 1 } });
  const counted = ["a", "a", "a", "b", "a", "b", "b"].map((kind) => recurrences.count(kind));
  expect(counted).toEqual([0, 0, undefined, 0, undefined, 0, undefined]);
});

test("all kinds together have a limit too, so that making them up is of no use", () => {
  const clock = new ManualClock();
  const recurrences = new Recurrences(clock, { each: onceAMinute, all: { burst: 10, perSecond: 1 } });
  const storm = (): number =>
    Array.from({ length: 1_000 }, (_, i) => recurrences.count(`kind ${i}`)).filter((held) => held !== undefined).length;
  expect(storm()).toBe(10);
  clock.advance(3_000);
  expect(storm()).toBe(3);
});

test("what was held back by the limit of all is told with the next of its kind", () => {
  const clock = new ManualClock();
  const recurrences = new Recurrences(clock, { each: onceAMinute, all: { burst: 1, perSecond: 1 } });
  expect([recurrences.count("a"), recurrences.count("b")]).toEqual([0, undefined]);
  clock.advance(1_000);
  expect(recurrences.count("b")).toBe(1);
});

test("the kind that has not come for longest is forgotten first", () => {
  const recurrences = new Recurrences(new ManualClock(), { each: onceAMinute });
  for (let i = 0; i < 499; i++) recurrences.count(`kind ${i}`);
  recurrences.count("last");
  recurrences.count("kind 0");
  recurrences.count("one more");
  expect([recurrences.count("kind 0"), recurrences.count("kind 1")]).toEqual([undefined, 0]);
});
