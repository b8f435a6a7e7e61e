import fc from "fast-check";
import { expect, test } from "vitest";
import { explain } from "../../src/lib/yaml/explain.ts";
import { MAX_ALIASED_NODES, MAX_DEPTH } from "../../src/lib/yaml/limits.ts";
import { locate } from "../../src/lib/yaml/locate.ts";
import { parseAnyYaml, type ParsedYaml, parseYaml } from "../../src/lib/yaml/parse.ts";
import { splitYaml } from "../../src/lib/yaml/split.ts";
import { keptTexts } from "./corpus.ts";
import { fuzzing, patience, spoiledText } from "./fuzzing.ts";
import { measure } from "./yaml-value.ts";

const kept = keptTexts("yaml");
const markers = ["---\n", "\n---\n", "\n...\n", "%YAML 1.2\n", "%TAG !x! y:\n", "# comment\n"];
const blanks = ["\n", "\n\n", "\r\n", "\r", "\t", "  ", "\ufeff", "\u0000", "\u0085", "\u2028", "\ud800", "😀"];
const indicators = "[ ] { } ' \" \\ @ ` | ! ? : - , &a *a".split(" ");
const starts = ["<<: *a\n", "!!str ", "!!binary ", "!<x> ", "! ", "? ", ": ", "- ", ", ", "&a ", "|2-\n", ">+\n"];
const values = ["null", "~", "yes", "0x10", "1e999", ".inf", "__proto__: ", "constructor: 1\n", "a: 1\n", "\\x41"];
const spoiled = spoiledText(
  kept.map(({ input }) => input),
  [...markers, ...blanks, ...indicators, ...starts, ...values],
);

/** What must hold of any text of one document. Returns the verdict. */
function check(text: string): ParsedYaml {
  const parsed = parseYaml(text);
  if (parsed.ok) {
    const { nodes, depth, collections } = measure(parsed.value);
    expect(depth).toBeLessThanOrEqual(MAX_DEPTH);
    expect(nodes).toBeLessThanOrEqual(3 * text.length + 1 + 2 * MAX_ALIASED_NODES);
    // Nothing is copied: there are never more values than characters to write them with.
    expect(collections).toBeLessThanOrEqual(text.length);
    // The fast way gives what the general one gives.
    expect(parseAnyYaml(text)).toEqual(parsed);
  } else {
    const { offset, message } = parsed.fault;
    expect(offset >= 0 && offset <= text.length, `the fault is at ${offset} of ${text.length}`).toBe(true);
    expect(message.length).toBeGreaterThan(0);
    expect(message.length).toBeLessThan(1000);
    const { line, column } = explain(text, parsed.fault);
    expect(line >= 1 && column >= 1 && line <= text.split(/\r\n|\r|\n/).length).toBe(true);
  }
  return parsed;
}

test("any spoiled document gets a verdict: a bounded plain value, or a fault with its place", patience, () => {
  fc.assert(
    fc.property(spoiled, (text) => void check(text)),
    fuzzing(2500),
  );
});

test("any stream is cut into documents that stand where they say, in order, and lose no content", patience, () => {
  fc.assert(
    fc.property(spoiled, (stream) => {
      let at = 0;
      for (const { text, offset, line } of splitYaml(stream)) {
        expect(stream.slice(offset, offset + text.length)).toBe(text);
        expect(line).toBe(stream.slice(0, offset).split(/\r\n|\r|\n/).length);
        expect(offset).toBeGreaterThanOrEqual(at);
        expectNothingIn(stream.slice(at, offset));
        at = offset + text.length;
      }
      expectNothingIn(stream.slice(at));
    }),
    fuzzing(4000),
  );
});

/** Between documents there are only markers, comments, blanks and byte order marks. */
function expectNothingIn(between: string): void {
  const lines = between.split(/\r\n|\r|\n/).map((line) => line.replaceAll("\ufeff", ""));
  for (const line of lines) expect(line).toMatch(/^(---|\.\.\.)?[ \t]*(#.*)?$/s);
}

test("places are found, or given up, in any document and for any path", patience, () => {
  const path = fc.array(fc.oneof(fc.nat(3), fc.constantFrom("spec", "servers", "a", "<<", "metadata", "")));
  fc.assert(
    fc.property(spoiled, fc.array(path, { maxLength: 4 }), (text, paths) => {
      const lines = text.split(/\r\n|\r|\n/).length;
      const places = locate(text, paths);
      expect(places.length).toBe(paths.length);
      for (const place of places) expect(place === undefined || (place.line >= 1 && place.line <= lines)).toBe(true);
    }),
    fuzzing(1500),
  );
});

const levels = fc.integer({ min: 1, max: 40 });
const fanOut = fc.integer({ min: 1, max: 30 });

test.each<[string, (level: number, fan: number) => string]>([
  ["lists", (level, fan) => `a${level}: &a${level} [${`*a${level - 1}, `.repeat(fan)}]`],
  [
    "mappings",
    (level, fan) =>
      `a${level}: &a${level} {${Array.from({ length: fan }, (_, i) => `k${i}: *a${level - 1}`).join(", ")}}`,
  ],
  ["merges", (level, fan) => `a${level}: &a${level} {<<: [${`*a${level - 1}, `.repeat(fan)}], k${level}: 1}`],
])("aliases of %s unfold to no more than the limit, at no more cost than their text", patience, (_, line) => {
  fc.assert(
    fc.property(levels, fanOut, (count, fan) => {
      const lines = ["a0: &a0 {k: 1}", ...Array.from({ length: count }, (_, i) => line(i + 1, fan))];
      const parsed = check(lines.join("\n"));
      const code = parsed.ok ? "ok" : parsed.fault.code;
      expect(["ok", "invalid-alias", "too-deep"]).toContain(code);
    }),
    fuzzing(100),
  );
});

const deepening = ["[", "{a: ", "[{a: ", "- ", "? ", "- - a: ", "&a [", "!!seq [", "{? [", "a:\n [", "- |\n  "];

test.each(deepening)("nesting %j ends with a verdict, however deep", (opening) => {
  for (const depth of [1, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 1000, 100_000]) {
    const text = opening.repeat(depth);
    const parsed = parseYaml(text);
    if (parsed.ok) expect(measure(parsed.value).depth).toBeLessThanOrEqual(MAX_DEPTH);
    else expect(parsed.fault.offset).toBeLessThanOrEqual(text.length);
  }
});

test.each(kept)("kept: $name", ({ input }) => {
  const documents = [...splitYaml(input)].map(({ text, line }) => {
    const parsed = check(text);
    return { line, verdict: parsed.ok ? parsed.value : `${parsed.fault.code} at ${parsed.fault.offset}` };
  });
  expect(documents).toMatchSnapshot();
});
