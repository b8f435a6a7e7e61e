import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import { createLog, type Log } from "./log.ts";
import type { LogRecord, LogSink } from "./record.ts";

let clock: ManualClock;
let records: LogRecord[];
let closed: number;
let log: Log;

beforeEach(() => {
  clock = new ManualClock();
  records = [];
  closed = 0;
  const sink: LogSink = {
    lost: 3,
    write: (record) => records.push(record),
    close: () => {
      closed++;
      return Promise.resolve();
    },
  };
  log = createLog({ levels: new Map([["mcp", "debug"]]), sinks: [sink, sink], clock });
});

describe("a log", () => {
  test("hands each record with time, level, scope and fields to every sink", () => {
    clock.advance(7);
    log.logger.scope("mcp").debug("hello", { sink: "a" });
    const record = { wallMs: 7, level: "debug", scope: "mcp", message: "hello", fields: { sink: "a" } };
    expect(records).toEqual([record, record]);
  });

  test("heeds the level of each scope, also after a change", () => {
    const source = log.logger.scope("source");
    source.debug("one");
    expect(records).toEqual([]);
    log.setLevel("source", "debug");
    source.debug("two");
    log.setLevel("all", "none");
    source.error("three");
    expect(records.map(({ message }) => message)).toEqual(["two", "two"]);
  });

  test("knows how many records were lost in all", () => {
    expect(log.lost).toBe(6);
  });

  test("names a narrower scope after the one it lies in", () => {
    log.logger.scope("mcp").scope("stream").info("x");
    expect(records[0]?.scope).toBe("mcp.stream");
  });

  test("says what it held back when it is closed, closes its sinks, and is silent after", async () => {
    log.logger.warn("a");
    log.logger.warn("a");
    await log.close();
    log.logger.info("b");
    expect(records.map(({ message, fields }) => [message, fields["repeated"]])).toEqual([
      ["a", undefined],
      ["a", undefined],
      ["a", 1],
      ["a", 1],
    ]);
    expect(closed).toBe(2);
    expect(clock.pending).toBe(0);
  });
});
