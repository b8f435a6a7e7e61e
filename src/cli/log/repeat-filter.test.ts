import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import type { LogRecord } from "./record.ts";
import { RepeatFilter } from "./repeat-filter.ts";

let clock: ManualClock;
let emitted: LogRecord[];
let filter: RepeatFilter;

beforeEach(() => {
  clock = new ManualClock();
  emitted = [];
  filter = new RepeatFilter(clock, (record) => emitted.push(record));
});

function log(message: string, fields: LogRecord["fields"] = {}): void {
  filter.write({ wallMs: clock.wall(), level: "info", scope: "mcp", message, fields });
}

function said(): readonly (readonly [string, unknown])[] {
  return emitted.map(({ message, fields }) => [message, fields["repeated"]]);
}

describe("RepeatFilter", () => {
  test("lets different records through at once", () => {
    log("a");
    log("a", { sink: 1 });
    log("b");
    expect(said()).toEqual([
      ["a", undefined],
      ["a", undefined],
      ["b", undefined],
    ]);
  });

  test("counts identical ones, and says so after five seconds", () => {
    for (let i = 0; i < 100; i++) log("a", { sink: 1 });
    expect(said()).toEqual([["a", undefined]]);
    clock.advance(5_000);
    expect(emitted[1]).toMatchObject({ message: "a", wallMs: 5_000, fields: { sink: 1, repeated: 99 } });
  });

  test("goes on holding back what goes on, and lets it through again after silence", () => {
    log("a");
    log("a");
    clock.advance(5_000);
    log("a");
    clock.advance(5_000);
    clock.advance(5_000);
    log("a");
    expect(said()).toEqual([
      ["a", undefined],
      ["a", 1],
      ["a", 1],
      ["a", undefined],
    ]);
  });

  test("keeps no timer and no memory once all is silent", () => {
    log("a");
    log("b");
    expect(clock.pending).toBe(1);
    clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });

  test("says on flush what was held back, and leaves no timer", () => {
    log("a");
    log("a");
    filter.flush();
    expect(said()).toEqual([
      ["a", undefined],
      ["a", 1],
    ]);
    expect(clock.pending).toBe(0);
  });

  test("forgets the oldest of very many, saying what it held back", () => {
    log("first");
    log("first");
    for (let i = 0; i < 1_000; i++) log(`other ${i}`);
    expect(said().at(-1)).toEqual(["first", 1]);
  });

  test("loses no record: what came in is what came out and what was said to be repeated", () => {
    const step = fc.oneof(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 7_000 }));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        clock = new ManualClock();
        emitted = [];
        filter = new RepeatFilter(clock, (record) => emitted.push(record));
        for (const one of steps)
          if (typeof one === "string") log(one);
          else clock.advance(one);
        filter.flush();
        const out = emitted.reduce((sum, { fields }) => sum + Number(fields["repeated"] ?? 1), 0);
        expect(out).toBe(steps.filter((one) => typeof one === "string").length);
      }),
    );
  });
});
