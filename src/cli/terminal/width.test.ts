import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth, fit } from "./width.ts";

describe("displayWidth", () => {
  test.each([
    ["", 0],
    ["abc", 3],
    ["größe", 5],
    ["e\u0301", 1],
    ["設定", 4],
    ["ｆｕｌｌ", 8],
    ["한국", 4],
    ["👍", 2],
    ["👩‍🚀", 2],
    ["❤️", 2],
    ["\u200b", 0],
  ])("of %j is %d", (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe("fit", () => {
  test.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["設定です", 5, "設定…"],
    ["設定です", 4, "設…"],
    ["👩‍🚀👩‍🚀", 3, "👩‍🚀…"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ])("cuts %j to %d cells", (text, most, expected) => {
    expect(fit(text, most)).toBe(expected);
  });

  test("never takes more cells than it is given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(20), (text, most) => {
        expect(displayWidth(fit(text, most))).toBeLessThanOrEqual(most);
      }),
    );
  });
});
