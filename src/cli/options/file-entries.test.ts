import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GalleyError } from "../../lib/errors.ts";
import { parseConfigEntries } from "./file-entries.ts";

function failure(text: string): GalleyError {
  try {
    parseConfigEntries(text, "g.yaml");
  } catch (error) {
    if (GalleyError.is(error)) return error;
    throw error;
  }
  throw new Error("it parsed");
}

describe("parseConfigEntries", () => {
  test("joins nested keys by dots, and keeps lines and spelling", () => {
    const text = "general:\n  monitoringPort: 0x10\n  Liveness: {interval: 1s}\ninsecure: true\nlist: [a, 2]\n";
    expect(parseConfigEntries(text, "g.yaml")).toEqual([
      { path: "general.monitoringPort", line: 2, value: { kind: "scalar", text: "0x10" } },
      { path: "general.Liveness.interval", line: 3, value: { kind: "scalar", text: "1s" } },
      { path: "insecure", line: 4, value: { kind: "scalar", text: "true" } },
      { path: "list", line: 5, value: { kind: "list", texts: ["a", "2"] } },
    ]);
  });

  test("reads JSON", () => {
    expect(parseConfigEntries('{"a": {"b": "c"}, "n": 1e3}', "g.json")).toEqual([
      { path: "a.b", line: 1, value: { kind: "scalar", text: "c" } },
      { path: "n", line: 1, value: { kind: "scalar", text: "1e3" } },
    ]);
  });

  test.each(["", "# nothing\n", "---\n"])("finds no key in %j", (text) => {
    expect(parseConfigEntries(text, "g.yaml")).toEqual([]);
  });

  test.each([
    ["a:", "null"],
    ["a: ~", "null"],
    ["a: {}", "odd"],
    ["a: [{b: c}]", "odd"],
    ["x: &x 1\na: *x", "odd"],
  ])("tells what kind of value %j has", (text, kind) => {
    expect(parseConfigEntries(text, "g.yaml").at(-1)?.value.kind).toBe(kind);
  });

  test.each([
    ["a: 1\nb: [", "g.yaml:2: "],
    ["a: 1\na: 2\n", "g.yaml:2: "],
    ["- a\n", "g.yaml:1: expected keys and values"],
    ["text", "g.yaml:1: expected keys and values"],
    ["a: 1\n? [x]\n: 2\n", "g.yaml:2: expected a plain key"],
    ["a: 1\n---\nb: 2\n", "g.yaml:"],
    ["a: {".repeat(20), "g.yaml:"],
    [`${"a: {".repeat(17)}b: 1${"}".repeat(17)}`, "g.yaml:1: nested too deeply"],
    ["[".repeat(100_000), "g.yaml:"],
  ])("refuses %j with a place", (text, start) => {
    const error = failure(text);
    expect(error.code).toBe("GLY_CONFIG_FILE_SYNTAX");
    expect(error.message.slice(0, start.length)).toBe(start);
  });

  test("gives entries or a GalleyError, whatever the text", () => {
    const yamlish = fc.string({ unit: fc.constantFrom(...Array.from("ab:-[]{}&*!|>'\"#?, \n\t")) });
    fc.assert(
      fc.property(fc.oneof(fc.string(), yamlish), (text) => {
        try {
          expect(Array.isArray(parseConfigEntries(text, "g.yaml"))).toBe(true);
        } catch (error) {
          if (!GalleyError.is(error)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
