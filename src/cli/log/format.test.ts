import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { colours, noColours } from "../terminal/colours.ts";
import { jsonFormat, terminalFormat, textFormat } from "./format.ts";
import { bounded, type LogRecord } from "./record.ts";

const record: LogRecord = {
  wallMs: Date.UTC(2019, 9, 22, 15, 50, 34, 125),
  level: "warn",
  scope: "mcp",
  message: "sink gone",
  fields: { sink: "pilot 1", streams: 2, left: undefined, reason: "" },
};

const hostile = "x\n2019-10-22T00:00:00Z\terror\tall is lost\u001b[2J\u2028\u009b";

describe("jsonFormat", () => {
  test("writes the keys of Galley 1.3.6 and the fields beside them", () => {
    expect(jsonFormat(record)).toBe(
      '{"time":"2019-10-22T15:50:34.125Z","level":"warn","scope":"mcp","msg":"sink gone","sink":"pilot 1","streams":2,"reason":""}',
    );
  });

  test("keeps a field from taking the place of a key", () => {
    expect(JSON.parse(jsonFormat({ ...record, fields: { msg: "fake", level: "info" } }))).toMatchObject({
      msg: "sink gone",
      level: "warn",
      msg_: "fake",
      level_: "info",
    });
  });
});

describe("textFormat", () => {
  test("separates columns by tabs, and quotes values that need it", () => {
    expect(textFormat(record)).toBe(
      '2019-10-22T15:50:34.125Z\twarn\tmcp\tsink gone sink="pilot 1" streams=2 reason=""',
    );
  });

  test("has no column for the scope default", () => {
    expect(textFormat({ ...record, scope: "default", fields: {} })).toBe("2019-10-22T15:50:34.125Z\twarn\tsink gone");
  });
});

describe("terminalFormat", () => {
  test("aligns time, level and scope", () => {
    expect(terminalFormat(noColours)(record)).toMatch(
      /^\d\d:\d\d:34\.125 warn {2}mcp {6}sink gone sink="pilot 1" streams=2 reason=""$/u,
    );
  });

  test("uses colour where it is on", () => {
    const paint = colours({ write: () => true, isTTY: true }, {});
    expect(terminalFormat(paint)(record)).toContain("\u001b[33mwarn \u001b[39m");
  });
});

describe.each([
  ["json", jsonFormat],
  ["text", textFormat],
  ["terminal", terminalFormat(noColours)],
])("the %s format", (_, format) => {
  test("makes one line of anything that comes from outside", () => {
    const line = format({ ...record, message: hostile, fields: { name: hostile, [hostile]: "a" } });
    const afterTime = line.replace(/^\S*\t?\w*\t?\w*\t?/u, "");
    expect(afterTime).not.toMatch(/\p{Cc}|\u2028/u);
    expect(line).toContain("\\n2019-10-22T00:00:00Z\\terror");
  });

  test("never throws and never breaks the line, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (message, value) => {
        expect(format({ ...record, message, fields: { value } })).not.toMatch(/[\n\r\u2028]/u);
      }),
    );
  });
});

test("a record is cut to what a log can bear", () => {
  const cut = bounded({ ...record, message: "m".repeat(1e6), fields: { a: "v".repeat(1e6), n: 1 } });
  expect(cut.message).toHaveLength(4_096 + "…(995904 more)".length);
  expect(cut.fields).toEqual({ a: expect.stringMatching(/^v{2048}…\(997952 more\)$/u), n: 1 });
});
