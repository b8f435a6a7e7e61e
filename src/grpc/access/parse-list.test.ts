import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAccessList } from "./parse-list.ts";

function parse(text: string): unknown {
  const parsed = parseAccessList(text);
  if (!parsed.ok) return parsed.reason;
  return [parsed.list.kind, [...parsed.list.ids], ...parsed.notices];
}

const nobody = "it allows nobody: every sink is refused";

describe("an access list", () => {
  test.each<[string, unknown]>([
    ["allow: [spiffe://a, spiffe://b]", ["allow", ["spiffe://a", "spiffe://b"]]],
    ["block:\n- spiffe://a\n- spiffe://a\n", ["block", ["spiffe://a"]]],
    ["block: []", ["block", []]],
    ["block:", ["block", []]],
    ["allowed: [spiffe://a]", ["allow", ["spiffe://a"]]],
    ["isblacklist: false\nallowed: [spiffe://a]", ["allow", ["spiffe://a"]]],
    ["isblacklist: true\nallowed: [spiffe://a]", ["block", ["spiffe://a"]]],
    ["isblacklist: true", ["block", []]],
    ["", ["allow", [], nobody]],
    ["# nothing yet\n", ["allow", [], nobody]],
    ["{}", ["allow", [], nobody]],
    ["allow: []", ["allow", [], nobody]],
    ["allowed:", ["allow", [], nobody]],
    ['{"allow": ["spiffe://a"]}', ["allow", ["spiffe://a"]]],
  ])("%j", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test("may spell its keys in another case, with a word on what Galley 1.3.6 made of that", () => {
    expect(parse("isBlackList: true\nallowed: [spiffe://a]")).toEqual([
      "block",
      ["spiffe://a"],
      "the key isBlackList is read as isblacklist; Galley 1.3.6 ignores it when spelled so",
    ]);
  });

  test("with an unknown key is taken without it, and the key is told", () => {
    expect(parse("blocked: [spiffe://a]\nallow: [spiffe://b]")).toEqual([
      "allow",
      ["spiffe://b"],
      'the key "blocked" means nothing and is ignored; did you mean block?',
    ]);
    // A file of which nothing is understood lets nobody in.
    expect(parse("blok: [spiffe://a]")).toEqual([
      "allow",
      [],
      'the key "blok" means nothing and is ignored; did you mean block?',
      nobody,
    ]);
  });

  test("with items that can never match is taken, and they are told", () => {
    expect(parse("allow: [pilot.istio-system.svc, spiffe://a, spiffe://a b]")).toEqual([
      "allow",
      ["pilot.istio-system.svc", "spiffe://a", "spiffe://a b"],
      '2 of its items can never match, as only URIs of certificates are compared: "pilot.istio-system.svc"',
    ]);
  });

  test.each<[string, string]>([
    ["allowed: a", "allowed is not a list"],
    ["allow: {a: b}", "allow is not a list"],
    ["allow: [spiffe://a, 7]", "item 2 of allow is not a text"],
    ["allow: [[spiffe://a]]", "item 1 of allow is not a text"],
    ["block: ['']", "item 1 of block is not a text"],
    ["isblacklist: maybe", "isblacklist is neither true nor false"],
    ["- spiffe://a", "it is not a YAML document of keys and values"],
    ["spiffe", "it is not a YAML document of keys and values"],
    ["allow: []\nblock: []", "it has both allow and block; give one of them"],
    ["allow: []\nisblacklist: true", "it mixes allow or block with isblacklist and allowed; give allow or block alone"],
    ["isblacklist: true\nisBlackList: false", "isblacklist is given twice, in different spellings"],
  ])("is none when it reads %j", (text, reason) => {
    expect(parse(text)).toBe(reason);
  });

  test("that is no YAML is refused with the place", () => {
    expect(parse("allow:\n- a\n- b: c: d")).toMatch(/^line 3, column \d+: /);
    expect(parse("allow: [a]\n---\nallow: [b]\n")).toMatch(/^line \d+, column \d+: /);
    expect(parse("allow: [a]\nallow: [b]\n")).toMatch(/^line 2, column \d+: /);
  });
});

test("any text gets a verdict, and lets nobody in but by a list that names whom", () => {
  const words = fc.constantFrom(
    "allow",
    "block",
    "isblacklist",
    "allowed",
    ":",
    "-",
    "\n",
    " ",
    "[",
    "]",
    "spiffe://a",
    "true",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(words).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (text) => {
      const parsed = parseAccessList(text);
      if (!parsed.ok) expect(parsed.reason).not.toBe("");
      else if (parsed.list.kind === "block") expect(text.toLowerCase()).toMatch(/block|isblacklist/);
    }),
    { numRuns: 500 },
  );
});

test("what is odd about a list is told in ten lines at most, what is odd about all of it among them", () => {
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}: 1\n`).join("");
  const parsed = parseAccessList(`${keys}allow: []`);
  const notices = parsed.ok ? parsed.notices : [];
  expect(notices).toHaveLength(10);
  expect(notices.slice(-2)).toEqual([
    "42 more things like that are odd about it",
    "it allows nobody: every sink is refused",
  ]);
});
