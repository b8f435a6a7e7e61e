import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeControls, escapedJson, shorten } from "./escape.ts";

describe("escapeControls", () => {
  test("spells out what would move a cursor, start a line or turn text round", () => {
    expect(escapeControls("a\nb\r\t\x1b[31m\x7f\x9b\u2028\u202e")).toBe(
      "a\\nb\\r\\t\\u001b[31m\\u007f\\u009b\\u2028\\u202e",
    );
  });

  test("leaves other text of any language alone", () => {
    expect(escapeControls('größer 設定 👩‍🚀 \\ "')).toBe('größer 設定 👩‍🚀 \\ "');
  });

  test("lets no control through, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeControls(text)).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

describe("escapedJson", () => {
  test("is JSON for the same value, on one line and without controls", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const json = escapedJson({ text });
        expect(json).not.toMatch(/\p{Cc}|\u2028|\u202e/u);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});

describe("shorten", () => {
  test("keeps what fits, and counts what it cuts", () => {
    expect(shorten("abcd", 4)).toBe("abcd");
    expect(shorten("abcdef", 4)).toBe("abcd…(2 more)");
  });

  test("does not cut a character in half", () => {
    expect(shorten("ab👍cd", 3)).toBe("ab…(4 more)");
  });
});
