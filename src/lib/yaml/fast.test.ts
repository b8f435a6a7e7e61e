import fc from "fast-check";
import { dump } from "js-yaml";
import { describe, expect, it } from "vitest";
import { parseCommon } from "./fast.ts";
import { parseAnyYaml } from "./parse.ts";
import { someYaml, yamlInManyStyles } from "./testing/samples.ts";

/** The law of the fast path: it gives up, or agrees in every detail. Says whether it gave up. */
function agrees(text: string): boolean {
  const common = parseCommon(text);
  if (common === undefined) return false;
  expect(parseAnyYaml(text)).toStrictEqual({ ok: true, value: common });
  return true;
}

describe("the fast path", () => {
  it.each(someYaml)("reads a usual manifest itself (%#)", (text) => {
    expect(agrees(text)).toBe(true);
    expect(agrees(text.replaceAll("\n", "\r\n"))).toBe(true);
  });

  it.each([
    "a: 1\na: 2\n",
    "a: b: c\n",
    "a:\n\tb: 1\n",
    "a: x\n  y\n",
    'a: "x\n  y"\n',
    "a: &x 1\n",
    "a: *x\n",
    "a: !!str 1\n",
    "<<: {a: 1}\n",
    "? a\n: b\n",
    "a: [[1]]\n",
    "a: {b: 1}\n",
    "a: [1,\n 2]\n",
    "a: [b: 1]\n",
    "a: |2\n  x\n",
    "a: |\nb: 1\n",
    "a: |\n    x\n  y\n",
    "a: |\n  x",
    "--- a\n",
    "%YAML 1.1\n---\na: 1\n",
    "a: 1\n---\nb: 2\n",
    " a: 1\n",
    "a\n",
    "",
    "# only\n",
    "~: 1\n",
    "a: - b\n",
    "a: ? b\n",
    "a: @b\n",
    "a: %b\n",
    "constructor: 1\n",
    "__proto__: 1\n",
    "a: 1\n  # c\n  b: 2\n",
    "- a\nb: 1\n",
    "a: \ud800\n",
    'a: "\\x41"\n',
    `${Array.from({ length: 60 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")}\n`,
  ])("leaves %j to the general parser", (text) => {
    expect(parseCommon(text)).toBeUndefined();
  });

  it("agrees on values written in many styles", () => {
    let own = 0;
    fc.assert(
      fc.property(yamlInManyStyles, (text) => {
        if (agrees(text)) own++;
      }),
      { numRuns: 3000 },
    );
    expect(own).toBeGreaterThan(1000);
  });

  it("agrees on what a common serialiser writes", () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom("yes", "0644", "1e3", "~", "a: b", "a #b", "- a", "\n", " x ", "x\ny\n"),
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
        tie("list"),
        tie("map"),
      ),
      list: fc.array(tie("node"), { maxLength: 4 }),
      map: fc.dictionary(fc.oneof(fc.stringMatching(/^[a-z./-]{1,8}$/), text), tie("node"), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    })).map;
    fc.assert(
      fc.property(
        value,
        fc.record({
          noArrayIndent: fc.boolean(),
          flowLevel: fc.constantFrom(-1, 1, 2, 3),
          lineWidth: fc.constantFrom(-1, 20, 80),
        }),
        (map, style) => {
          agrees(
            dump(map, {
              seqNoIndent: style.noArrayIndent,
              flowLevel: style.flowLevel,
              lineWidth: style.lineWidth,
              noRefs: true,
            }),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("agrees on manifests with characters changed", () => {
    const noise = fc.constantFrom(
      ...Array.from(" \n:-#'\"[]{},|>&*!%@`?~<.0a_\\\t\r\ufeff"),
      ": ",
      "- ",
      "\n  ",
      " #",
      "''",
      "...",
      "---",
      "\n\n",
      "|\n",
      "[a, b]",
      "{}",
    );
    const edit = fc.tuple(fc.nat(), fc.nat({ max: 3 }), noise);
    fc.assert(
      fc.property(fc.constantFrom(...someYaml), fc.array(edit, { minLength: 1, maxLength: 3 }), (text, edits) => {
        let changed = text;
        for (const [place, dropped, inserted] of edits) {
          const at = place % (changed.length + 1);
          changed = changed.slice(0, at) + inserted + changed.slice(at + dropped);
        }
        agrees(changed);
      }),
      { numRuns: 6000 },
    );
  });

  it("agrees on every manifest with any one character left out, doubled or made a blank", () => {
    for (const text of someYaml) {
      for (let at = 0; at < text.length; at++) {
        agrees(text.slice(0, at) + text.slice(at + 1));
        agrees(text.slice(0, at + 1) + text.slice(at));
        agrees(`${text.slice(0, at)} ${text.slice(at + 1)}`);
        agrees(text.slice(0, at));
      }
    }
  });

  it("agrees on any soup of tokens", () => {
    const token = fc.constantFrom(
      "a",
      "b",
      ":",
      ": ",
      "- ",
      "-",
      "\n",
      "\n ",
      "\n  ",
      "\n    ",
      " ",
      "#",
      "# c",
      "'",
      '"',
      "|",
      ">-",
      "1",
      "~",
      "[",
      "]",
      "{}",
      ",",
      "y",
      "x y",
      "\\",
      ".",
      "\n\n",
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 25 }), (tokens) => {
        agrees(tokens.join(""));
      }),
      { numRuns: 8000 },
    );
  });
});
