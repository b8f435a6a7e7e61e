import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkJson } from "./json-syntax.ts";
import { parseJson } from "./json.ts";
import { positionAt } from "./position.ts";

function fault(text: string): string {
  const parsed = parseJson(text);
  if (parsed.ok) return `no fault: ${JSON.stringify(parsed.value)}`;
  const { line, column } = positionAt(text, parsed.fault.offset);
  return `${parsed.fault.code} ${line}:${column} ${parsed.fault.message}`;
}

describe("parsing JSON", () => {
  it("gives what JSON.parse gives, large numbers aside", () => {
    const small = (_key: string, value: unknown): unknown =>
      typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER ? 1 : value;
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), fc.constantFrom(undefined, 2, "\t"), (text, indent) => {
        const value: unknown = JSON.parse(text, small);
        const written = JSON.stringify(value, undefined, indent);
        const parsed = parseJson(written);
        expect(parsed.ok && JSON.stringify(parsed.value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 1000 },
    );
  });

  it("takes for JSON what JSON.parse takes for it", () => {
    const soup = fc.array(fc.constantFrom(...Array.from('{}[],:"\\u0041tfn-1.e+ \n\ufeff'), "true", "null", '"a"'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(soup, (parts) => {
        const text = parts.join("");
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(checkJson(text) === undefined).toBe(valid);
      }),
      { numRuns: 5000 },
    );
  });

  it("keeps large integers exact", () => {
    expect(parseJson('{"a": 9007199254740993}')).toEqual({ ok: true, value: { a: "9007199254740993" } });
  });

  it("passes over a byte order mark", () => {
    expect(parseJson('\ufeff{"a": 1}\r\n')).toEqual({ ok: true, value: { a: 1 } });
  });

  it.each([
    ['{"a": 1,\n "a": 2}', 'duplicate-key 2:2 the key "a" is given twice'],
    ["", "json-syntax 1:1 not valid JSON: a value is expected"],
    ['{"a": 1} x', "json-syntax 1:10 not valid JSON: the end of the text is expected"],
    ['{"a" 1}', "json-syntax 1:6 not valid JSON: ':' is expected"],
    ["[1 2]", "json-syntax 1:4 not valid JSON: ',' or ']' is expected"],
    ["[01]", "json-syntax 1:3 not valid JSON: ',' or ']' is expected"],
    ['["\t"]', "json-syntax 1:2 not valid JSON: a value is expected"],
    ['{"a": 1', "json-syntax 1:8 not valid JSON: ',' or '}' is expected"],
    ["a: 1\n", "json-syntax 1:1 not valid JSON: a value is expected"],
    ['{"a": 1,}', "json-syntax 1:9 not valid JSON: a key in double quotes is expected"],
    ["{'a': 1}", "json-syntax 1:2 not valid JSON: a key in double quotes is expected"],
  ])("refuses %j", (text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  it("refuses what is nested too deep", () => {
    expect(fault("[".repeat(200) + "]".repeat(200))).toContain("too-deep");
    expect(fault("[".repeat(100_000))).toContain("json-syntax 1:100001");
  });
});
