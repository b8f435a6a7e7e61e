import { describe, expect, it } from "vitest";
import { explain } from "./explain.ts";
import { parseYaml } from "./parse.ts";

function explained(text: string): string {
  const parsed = parseYaml(text);
  if (parsed.ok) throw new Error("the text has no fault");
  const { line, column, message } = explain(text, parsed.fault);
  return `${line}:${column} ${message}`;
}

describe("explaining a fault", () => {
  it.each([
    ["a: 1\nb: [1, 2\nc: 3\n", /^3:1 flow sequence in block collection must be sufficiently indented/],
    ["a: b: c\n", /^1:4 nested mappings are not allowed in compact mappings/],
    ['a: "x\n', /^2:1 missing closing "quote/],
    ["a:\n\tb: 1\n", /^2:1 tabs are not allowed as indentation/],
    ["a: 1\n b: 2\n", /^1:4 nested mappings are not allowed/],
    ["a: 1\na: 2\n", /^2:1 the key "a" is given twice$/],
    ["a: !x 1\n", /^1:4 the tag !x is not known; remove it$/],
  ])("of %j", (text, expected) => {
    expect(explained(text)).toMatch(expected);
  });

  it("falls back on the first parser for long texts", () => {
    const text = `a: 1\n${"# x\n".repeat(20_000)}b: [\n`;
    expect(explained(text)).toBe("20003:1 deficient indentation");
  });

  it("survives nesting that its second parser doesn't", () => {
    expect(explained("[".repeat(30_000))).toMatch(/^1:\d+ nesting exceeded/);
  });
});
