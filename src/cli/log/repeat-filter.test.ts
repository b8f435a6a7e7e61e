import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import type { LogLevel } from "../../lib/logger.ts";
import { ManualClock } from "../../lib/manual-clock.ts";
import type { LogRecord } from "./record.ts";
import { RepeatFilter } from "./repeat-filter.ts";

let clock: ManualClock;
let emitted: LogRecord[];
let filter: RepeatFilter;

beforeEach(begin);

function begin(): void {
  clock = new ManualClock();
  emitted = [];
  filter = new RepeatFilter(clock, (record) => emitted.push(record));
}

function log(message: string, fields: LogRecord["fields"] = {}, level: LogLevel = "warn", scope = "mcp"): void {
  filter.write({ wallMs: clock.wall(), level, scope, message, fields });
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

  test("counts identical ones, and says so after five seconds, with the moment of the last", () => {
    for (let i = 0; i < 100; i++) log("a", { sink: 1 });
    expect(said()).toEqual([["a", undefined]]);
    clock.advance(1_000);
    log("a", { sink: 1 });
    clock.advance(4_000);
    const fields = { sink: 1, repeated: 100, last: new Date(1_000).toISOString() };
    expect(emitted[1]).toMatchObject({ message: "a", wallMs: 5_000, fields });
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

  test("never holds back what says that something has changed, or what somebody asked to see", () => {
    for (const level of ["info", "debug"] as const) for (let i = 0; i < 3; i++) log(level, {}, level);
    expect(said().map(([message]) => message)).toEqual(["info", "info", "info", "debug", "debug", "debug"]);
    expect(clock.pending).toBe(0);
  });

  test("says what it held back before anything else is said in the scope, and nothing of it after", () => {
    log("missing");
    log("missing");
    clock.advance(1_000);
    log("mended", {}, "info");
    clock.advance(60_000);
    expect(said()).toEqual([
      ["missing", undefined],
      ["missing", 1],
      ["mended", undefined],
    ]);
  });

  test("takes a complaint that comes after something else as news", () => {
    for (const message of ["gone", "unreadable", "gone", "unreadable"]) log(message);
    log("mended", {}, "info");
    log("unreadable");
    expect(said()).toEqual(
      ["gone", "unreadable", "gone", "unreadable", "mended", "unreadable"].map((message) => [message, undefined]),
    );
  });

  test("holds back in one scope whatever is said in another", () => {
    for (let i = 0; i < 10; i++) {
      log("no more sockets", {}, "error", "mcp");
      log("no more files", {}, "error", "source");
    }
    clock.advance(5_000);
    expect(said()).toEqual([
      ["no more sockets", undefined],
      ["no more files", undefined],
      ["no more sockets", 9],
      ["no more files", 9],
    ]);
  });

  test("keeps no timer and no memory once all is silent", () => {
    log("a");
    log("b", {}, "error", "source");
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

  test("loses no record, and tells each scope in the order in which things happened", () => {
    const record = fc.record({
      message: fc.constantFrom("a", "b"),
      level: fc.constantFrom<LogLevel>("info", "warn", "error"),
      scope: fc.constantFrom("mcp", "source"),
    });
    const step = fc.oneof(record, fc.integer({ min: 1, max: 7_000 }));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        begin();
        for (const one of steps)
          if (typeof one === "number") clock.advance(one);
          else log(one.message, {}, one.level, one.scope);
        filter.flush();
        for (const scope of ["mcp", "source"]) {
          const told = emitted.filter((one) => one.scope === scope);
          const spelledOut = told.flatMap(({ message, level, fields }) =>
            Array.from({ length: Number(fields["repeated"] ?? 1) }, () => ({ message, level, scope })),
          );
          expect(spelledOut).toEqual(steps.filter((one) => typeof one === "object" && one.scope === scope));
        }
      }),
    );
  });
});
