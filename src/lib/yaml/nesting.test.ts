import { describe, expect, test } from "vitest";
import { nestingBound } from "./nesting.ts";

describe("nestingBound", () => {
  test.each(["[", "{a: ", "- ", "? ", "a:\n"])("sees every level of %j", (level) => {
    const nested =
      level === "a:\n" ? Array.from({ length: 300 }, (_, i) => `${" ".repeat(i)}a:\n`).join("") : level.repeat(300);
    expect(nestingBound(nested)).toBeGreaterThanOrEqual(level === "a:\n" ? 299 : 300);
  });

  test("does not take a long line or a quoted bracket for depth", () => {
    const flat = `{${Array.from({ length: 500 }, (_, i) => `k${i}: "[[[["`).join(", ")}}`;
    expect(nestingBound(flat)).toBeLessThan(10);
    expect(nestingBound('a: "[[[[[[[[[["\n'.repeat(100))).toBeLessThan(10);
  });

  test("needs no stack for a hundred thousand levels", () => {
    expect(nestingBound("[".repeat(100_000))).toBe(100_000);
  });
});
