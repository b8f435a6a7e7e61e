import { describe, expect, it } from "vitest";
import { keyText, resolvePlain } from "./scalar.ts";

// Verified against go-yaml v2.4.0, which Kubernetes reads manifests with.
const meanings: readonly (readonly [string, unknown])[] = [
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((text) => [text, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((text) => [text, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((text) => [text, null] as const),
  ["yES", "yES"],
  ["oN", "oN"],
  ["nULL", "nULL"],
  ["0", 0],
  ["-0", 0],
  ["00", 0],
  ["+12", 12],
  ["-12", -12],
  ["0644", 420],
  ["0o644", 420],
  ["-0o17", -15],
  ["0o8", "0o8"],
  ["0o", "0o"],
  ["0888", 888],
  ["0x1F", 31],
  ["0X1f", 31],
  ["-0x10", -16],
  ["0x", "0x"],
  ["0b11", 3],
  ["0b2", "0b2"],
  ["1_000", 1000],
  ["1__0_", 10],
  ["_1", "_1"],
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", "9007199254740993"],
  ["9007199254740992", 9007199254740992],
  ["-9223372036854775808", -(2 ** 63)],
  ["9223372036854775807", "9223372036854775807"],
  ["18446744073709551615", "18446744073709551615"],
  ["0xffffffffffffffff", "18446744073709551615"],
  ["18446744073709551616", 18446744073709552000],
  ["+18446744073709551615", 18446744073709552000],
  ["0x10000000000000000", "0x10000000000000000"],
  ["1.5", 1.5],
  [".5", 0.5],
  ["-.5", -0.5],
  ["1.", 1],
  ["1e3", 1000],
  ["1.5E-3", 0.0015],
  ["1e999", "1e999"],
  [".", "."],
  ["+", "+"],
  [".5_0", ".5_0"],
  [".inf", Number.POSITIVE_INFINITY],
  ["-.INF", Number.NEGATIVE_INFINITY],
  [".NaN", Number.NaN],
  ["12:30:45", "12:30:45"],
  ["10.0.0.1", "10.0.0.1"],
  ["1.2.3", "1.2.3"],
  ["2001-01-01", "2001-01-01"],
  ["2001-01-01T00:00:00Z", "2001-01-01T00:00:00Z"],
  ["<<", "<<"],
  ["=", "="],
];

describe("a plain scalar", () => {
  it.each(meanings)("%j means %j", (text, value) => {
    expect(resolvePlain(text)).toStrictEqual(value);
  });

  it("stays text when it is a very long row of digits and letters", () => {
    const text = `0x${"f".repeat(100_000)}`;
    expect(resolvePlain(text)).toBe(text);
  });
});

describe("the text of a key", () => {
  it.each([
    ["a", "a"],
    [80, "80"],
    [1.5, "1.5"],
    [true, "true"],
    [Number.NaN, ".nan"],
    [Number.NEGATIVE_INFINITY, "-.inf"],
    [null, undefined],
  ] as const)("of %j is %j", (value, text) => {
    expect(keyText(value)).toBe(text);
  });
});
