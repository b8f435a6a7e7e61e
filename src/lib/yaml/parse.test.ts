import { describe, expect, it } from "vitest";
import { MAX_ALIASED_NODES, MAX_DOCUMENT_CHARS } from "./limits.ts";
import { parseAnyYaml, parseYaml } from "./parse.ts";
import { positionAt } from "./position.ts";

function value(text: string): unknown {
  const parsed = parseYaml(text);
  if (!parsed.ok) throw parsed.fault;
  return parsed.value;
}

function fault(text: string): string {
  const parsed = parseYaml(text);
  if (parsed.ok) return `no fault: ${JSON.stringify(parsed.value)}`;
  const { line, column } = positionAt(text, parsed.fault.offset);
  return `${parsed.fault.code} ${line}:${column} ${parsed.fault.message}`;
}

describe("parsing a document", () => {
  it("gives plain values", () => {
    expect(value("a: 1\nb: [x, 'y', \"z\"]\nc:\n- d: yes\n  e: ~\n")).toEqual({
      a: 1,
      b: ["x", "y", "z"],
      c: [{ d: true, e: null }],
    });
  });

  it("gives null for a document without content", () => {
    expect(value("# nothing\n")).toBeNull();
  });

  it("reads quoted scalars as text", () => {
    expect(value(`a: "80"\nb: 'yes'\nc: "x\\u00e9\\n"\n`)).toEqual({ a: "80", b: "yes", c: "xé\n" });
  });

  it("turns keys that are no text into their text", () => {
    expect(value("80: a\n0x50f: b\nyes: c\n1.5: d\n")).toEqual({ "80": "a", "1295": "b", true: "c", "1.5": "d" });
  });

  it("keeps block scalars line by line", () => {
    expect(value("a: |\n  x\n\n    y\nb: >-\n  one\n  two\n\n  three\nc: |+\n  z\n\n")).toEqual({
      a: "x\n\n  y\n",
      b: "one two\nthree",
      c: "z\n\n",
    });
  });

  it("adds no line end to a block scalar that the end of the text breaks off", () => {
    expect(value("a: |\n  b")).toEqual({ a: "b" });
    expect(value("a: |\n  b\n   ")).toEqual({ a: "b\n " });
    expect(value("a: |+\n  b\n ")).toEqual({ a: "b\n" });
  });

  it("makes own properties of names that every object has", () => {
    const parsed = value("__proto__:\n  x: 1\nconstructor: 2\n") as Record<string, unknown>;
    expect(Object.keys(parsed)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});

describe("tags", () => {
  it.each([
    ["!!str 80", "80"],
    ["! 80", "80"],
    ["!<tag:yaml.org,2002:str> yes", "yes"],
    ['!!int "80"', 80],
    ["!!float 1", 1],
    ["!!bool on", true],
    ["!!null ''", null],
    ["!!timestamp 2001-01-01", "2001-01-01"],
    ["!!binary aGVs\n  bG8=", "hello"],
    ["!!seq [1]", [1]],
    ["!!map {a: 1}", { a: 1 }],
  ] as const)("%j is %j", (text, expected) => {
    expect(value(`k: ${text}`)).toEqual({ k: expected });
  });

  it("follow the handles that a document declares", () => {
    expect(value("%TAG !y! tag:yaml.org,2002:\n---\na: !y!str 1\n")).toEqual({ a: "1" });
  });

  it.each([
    ["k: !thing 1", "invalid-tag 1:4 the tag !thing is not known; remove it"],
    ["k: !!python/object {a: 1}", "invalid-tag 1:4 the tag !<python/object> has no meaning on a mapping; remove it"],
    ["k: !!int x", 'invalid-tag 1:4 "x" is not a value of !!int'],
    ["k: !!binary '*'", "invalid-tag 1:4 the text under !!binary is not base64"],
  ])("of %j are an error", (text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  it("refuse bytes that are no text", () => {
    expect(fault("k: !!binary /w==")).toContain("not UTF-8 text");
  });
});

describe("anchors and aliases", () => {
  it("share one value", () => {
    const parsed = value("a: &x {b: 1}\nc: *x\n") as { a: unknown; c: unknown };
    expect(parsed.c).toBe(parsed.a);
  });

  it("merge mappings under <<, what is written out first, then what comes earlier", () => {
    expect(value("- &x {a: 1, b: 1}\n- &y {b: 2, c: 2}\n- {<<: [*x, *y], c: 3}\n- {a: 4, <<: *x}\n")).toEqual([
      { a: 1, b: 1 },
      { b: 2, c: 2 },
      { a: 1, b: 1, c: 3 },
      { a: 4, b: 1 },
    ]);
  });

  it("leave a quoted << alone", () => {
    expect(value('"<<": {a: 1}\n')).toEqual({ "<<": { a: 1 } });
  });

  it.each([
    ["a: *x", "invalid-alias 1:4 no anchor &x comes before the alias *x"],
    ["a: &x [*x]", "invalid-alias 1:8 the alias *x stands inside its own anchor"],
    ["a: &x 1\nb: {<<: *x}", "invalid-alias 2:9 << takes a mapping or a list of mappings, by alias"],
  ])("of %j are an error", (text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  it("can't stand for more values than the limit", () => {
    const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 9; i++) bomb.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]`);
    expect(fault(bomb.join("\n"))).toContain(`more than ${MAX_ALIASED_NODES} values`);
  });

  it("can't merge more keys than the limit", () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `k${i}: 1`).join(", ");
    const merges = Array.from({ length: 200 }, () => "- {<<: *x}").join("\n");
    expect(fault(`- &x {${keys}}\n${merges}\n`)).toContain("invalid-alias");
  });

  it("can't nest deeper than the limit", () => {
    const lines = [`a0: &a0 ${"[".repeat(60)}${"]".repeat(60)}`];
    for (let i = 1; i < 50; i++) lines.push(`a${i}: &a${i} [*a${i - 1}]`);
    expect(fault(lines.join("\n"))).toContain("too-deep");
  });
});

describe("a document that can't be read", () => {
  it.each([
    ["a: 1\nb: 2\na: 3\n", 'duplicate-key 3:1 the key "a" is given twice'],
    ["{a: 1, a: 2}", 'duplicate-key 1:8 the key "a" is given twice'],
    ['80: 1\n"80": 2\n', 'duplicate-key 2:1 the key "80" is given twice'],
    [": 1\n", "invalid-key 1:1 a key is missing; an empty key must be quoted"],
    ["[1]: 2\n", "invalid-key 1:1 a key must be a single value, not a collection"],
    ["? {a: 1}\n: 2\n", "invalid-key 1:3 a key must be a single value, not a collection"],
    ["a: 1\n---\nb: 2\n", "yaml-syntax 4:1 a second document starts here"],
  ])("is told apart: %j", (text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  it.each([
    "a: b: c",
    "a:\n\tb: 1",
    "a: [1",
    'a: "x',
    "a: 'x",
    "- a\nb: 1",
    "a: @x",
    "a: \u0001",
    "a: 1\n  b: 2",
    "\u0000",
  ])("has a syntax error: %j", (text) => {
    expect(fault(text)).toMatch(/^yaml-syntax \d+:\d+ ./);
  });

  it("is nested too deep", () => {
    expect(fault("[".repeat(5000))).toContain("too-deep");
    expect(fault(Array.from({ length: 150 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"))).toContain("too-deep");
  });

  it("is too long", () => {
    expect(fault(`a: ${"x".repeat(MAX_DOCUMENT_CHARS)}`)).toContain("document-too-large");
  });

  it("takes no more than a moment, however hostile", () => {
    const hostile = [
      "- ".repeat(200_000),
      "&a ".repeat(100_000),
      "? ".repeat(200_000),
      "{a: [".repeat(50_000),
      "'".repeat(400_001),
      "a\n".repeat(200_000),
      "\ufeff\n".repeat(100_000),
      "!!str ".repeat(100_000),
      "- - a: 1\n  - b\n".repeat(50_000),
    ];
    for (const text of hostile) expect(typeof parseAnyYaml(text).ok).toBe("boolean");
  });
});
