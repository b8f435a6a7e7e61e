import { describe, expect, test } from "vitest";
import { formatLevels, parseLevels } from "./levels.ts";

describe("parseLevels", () => {
  test.each([
    ["info", [["default", "info"]]],
    [
      "default:warn,mcp:debug",
      [
        ["default", "warn"],
        ["mcp", "debug"],
      ],
    ],
    ["mcp:debug,mcp:none", [["mcp", "none"]]],
    ["mcp:debug,all:error,source:debug", [["default", "error"]]],
    ["kube-converter:fatal", [["kube-converter", "fatal"]]],
  ])("reads %s", (text, rules) => {
    expect(parseLevels(text)).toEqual({ ok: true, value: new Map(rules as [string, never][]) });
  });

  test.each([
    ["mpc:debug", 'unknown scope "mpc"; did you mean mcp?'],
    ["qqqqqq:debug", 'unknown scope "qqqqqq"; expected one of default'],
    ["mcp:loud", 'unknown level "loud"; expected one of debug, info'],
    ["a:b:c", 'expected scope:level, found "a:b:c"'],
    ["", 'unknown level ""'],
    ["mcp:", 'unknown level ""'],
    ["INFO", 'unknown level "INFO"'],
    ["info,".repeat(200), "expected at most 100 levels"],
  ])("refuses %.20s", (text, reason) => {
    expect(parseLevels(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  test("reads what formatLevels writes", () => {
    const text = "default:info,mcp:debug";
    const parsed = parseLevels(text);
    expect(parsed.ok && formatLevels(parsed.value)).toBe(text);
  });
});
