import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

describe("parseDuration", () => {
  test.each([
    ["0", 0],
    ["0s", 0],
    ["500ms", 500],
    ["2s", 2_000],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["1h2m3.5s", 3_723_500],
    ["250us", 0.25],
    ["1µs", 0.001],
    ["1ns", 0.000001],
    ["1m1m", 120_000],
  ])("reads %s as %d ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(["", "5", "s", "-1s", "+1s", "1 s", "1d", "1S", "1e3s", ".s", "1s ", "0x1s", "1".repeat(70) + "s"])(
    "refuses %j",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe("formatDuration", () => {
  test.each([
    [0, "0s"],
    [0.000001, "1ns"],
    [0.25, "250µs"],
    [1.5, "1.5ms"],
    [500, "500ms"],
    [2_000, "2s"],
    [90_000, "1m30s"],
    [3_600_000, "1h0m0s"],
    [3_723_500, "1h2m3.5s"],
  ])("writes %d ms as %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("is read back as the same duration, for any whole number of microseconds up to a year", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 24 * 3_600 * 1_000_000 }), (us) => {
        expect(parseDuration(formatDuration(us / 1_000))).toBeCloseTo(us / 1_000, 3);
      }),
    );
  });
});
