import { describe, expect, test } from "vitest";
import { bareValue, decode, defaultValue, encode, metavar } from "./codec.ts";
import type { OptionKind, OptionSpec } from "./option.ts";

function option(kind: OptionKind, more: Partial<OptionSpec> = {}): OptionSpec {
  return { name: "x", kind, default: "", doc: "X.", ...more };
}

describe("decode", () => {
  test.each([
    ["text", "a,b", "a,b"],
    ["file", "/a/b", "/a/b"],
    ["switch", "true", true],
    ["switch", "T", true],
    ["switch", "0", false],
    ["autoswitch", "auto", "auto"],
    ["autoswitch", "1", true],
    ["int", "0", 0],
    ["int", "007", 7],
    ["port", "65535", 65_535],
    ["bytes", "64KiB", 65_536],
    ["bytes", "1048576", 1_048_576],
    ["duration", "1m", 60_000],
    ["address", "h:1", { kind: "tcp", host: "h", port: 1 }],
    ["levels", "debug", new Map([["default", "debug"]])],
    ["list", " a, b ,,c", ["a", "b", "c"]],
    ["list", "", []],
    ["texts", "a,b", ["a,b"]],
    ["texts", "", []],
  ] as const)("reads %s %j", (kind, text, value) => {
    expect(decode(option(kind), [text])).toEqual({ ok: true, value });
  });

  test.each([
    ["text", "a\u0000b", "control characters"],
    ["list", "a\nb", "control characters"],
    ["texts", "\u001b", "control characters"],
    ["switch", "yes", "true or false"],
    ["switch", "", "true or false"],
    ["autoswitch", "maybe", "true, false or auto"],
    ["int", "-1", "whole number of at least 0"],
    ["int", "1.5", "whole number"],
    ["int", "0x10", "whole number"],
    ["int", "9".repeat(17), "whole number"],
    ["int", "", "whole number"],
    ["port", "65536", "from 0 to 65535"],
    ["bytes", "1MB", "number of bytes"],
    ["duration", "1", "duration"],
    ["duration", "577h", "at most 576h0m0s"],
    ["address", "nowhere", "expected tcp://host:port or unix:///path; it is not of the form host:port"],
    ["address", `unix:///${"x".repeat(200)}`, "the path has 201 bytes, and the system takes 107 at most for a socket"],
    ["levels", "loud", "unknown level"],
  ] as const)("refuses %s %j", (kind, text, reason) => {
    expect(decode(option(kind), [text])).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  test("holds a number to the bounds of its option", () => {
    const spec = option("int", { min: 2, max: 4 });
    expect([1, 2, 4, 5].map((n) => decode(spec, [String(n)]).ok)).toEqual([false, true, true, false]);
    const bytes = option("bytes", { min: 1_024, max: 2_048 });
    expect(["1023", "1KiB", "2KiB", "3KiB"].map((text) => decode(bytes, [text]).ok)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("takes a choice only from the list, and says what is in it", () => {
    const spec = option("choice", { choices: ["a", "b", "c"] });
    expect(decode(spec, ["b"])).toEqual({ ok: true, value: "b" });
    expect(decode(spec, ["d"])).toEqual({ ok: false, reason: "expected a, b or c" });
  });

  test("adds up the items of a list that is given repeatedly, and takes each once", () => {
    expect(decode(option("list"), ["a,b", "c"])).toEqual({ ok: true, value: ["a", "b", "c"] });
    expect(decode(option("texts"), ["a", "b"])).toEqual({ ok: true, value: ["a", "b"] });
  });

  test("takes the last of other values that are given repeatedly", () => {
    expect(decode(option("int"), ["1", "2"])).toEqual({ ok: true, value: 2 });
  });

  test("bounds the number of items", () => {
    expect(decode(option("list"), ["a,".repeat(10_001)])).toMatchObject({ ok: false });
    expect(decode(option("list"), [Array.from({ length: 300_000 }, (_, i) => `${i}`).join()])).toMatchObject({
      ok: false,
    });
  });
});

test("a default that can't be read is a bug, and throws", () => {
  expect(() => defaultValue(option("int", { default: "many" }))).toThrow("default of x");
});

test("encode writes what decode reads", () => {
  expect(encode(option("duration"), 90_000)).toBe("1m30s");
  expect(encode(option("list"), ["a", "b"])).toBe("a,b");
  expect(encode(option("address"), { kind: "unix", path: "/s" })).toBe("unix:///s");
});

test("only switches mean something without a value", () => {
  expect(bareValue(option("switch"))).toBe("true");
  expect(bareValue(option("autoswitch"))).toBe("true");
  expect(bareValue(option("text"))).toBeUndefined();
});

test("a value is called what the option calls it, else its choices, else the word of its kind", () => {
  expect(metavar(option("text", { metavar: "KEY" }))).toBe("KEY");
  expect(metavar(option("choice", { choices: ["a", "b"] }))).toBe("a|b");
  expect(metavar(option("port"))).toBe("PORT");
});
