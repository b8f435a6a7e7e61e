import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, suggest } from "./suggest.ts";

describe("suggest", () => {
  const names = ["config", "config-path", "insecure", "server-address", "domain"];

  test.each([
    ["confgi", "config"],
    ["configpath", "config-path"],
    ["INSECURE", "insecure"],
    ["server-adress", "server-address"],
  ])("for %s offers %s", (typed, expected) => {
    expect(suggest(typed, names)).toBe(expected);
  });

  test.each(["", "x", "zzzzzz", "kubernetes", "a".repeat(10_000)])("offers nothing far-fetched for %.20s", (typed) => {
    expect(suggest(typed, names)).toBeUndefined();
  });
});

describe("editDistance", () => {
  test("counts a swap of neighbours once", () => {
    expect(editDistance("abcd", "abdc")).toBe(1);
  });

  test("is zero for equal words, the same both ways, and bounded by the longer word", () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

test.each([
  ["hostz", "hosts"],
  ["exportto", "exportTo"],
  ["prots", "ports"],
  ["subjectAltName", "subjectAltNames"],
])("a field written %s is meant to be %s", (typed, meant) => {
  expect(suggest(typed, ["hosts", "ports", "exportTo", "subjectAltNames"])).toBe(meant);
});
