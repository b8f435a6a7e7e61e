import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth } from "./width.ts";
import { wrap, wrapIndented } from "./wrap.ts";

describe("wrap", () => {
  test("breaks at spaces, and gives a longer word a line of its own", () => {
    expect(wrap("one two  three\nunbreakable end", 8)).toEqual(["one two", "three", "unbreakable", "end"]);
  });

  test("makes no line of nothing", () => {
    expect(wrap("  ", 8)).toEqual([]);
  });

  test("keeps every word in its order, and every line of several words within the width", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z設]{1,12}$/u)), fc.integer({ min: 1, max: 30 }), (words, width) => {
        const lines = wrap(words.join(" "), width);
        expect(lines.join(" ")).toBe(words.join(" "));
        for (const line of lines) if (line.includes(" ")) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test("an indent counts as part of the width", () => {
  expect(wrapIndented("aa bb cc", 7, 2)).toEqual(["  aa bb", "  cc"]);
});
