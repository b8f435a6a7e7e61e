import { describe, expect, it } from "vitest";
import { locate, type YamlPath } from "./locate.ts";

const text = `apiVersion: v1
kind: VirtualService
spec:
  hosts: [a, b]
  http:
  - route:
    - destination: {host: x}
  - &second
    match: []
  80: *second
`;

const at = (path: YamlPath): string => {
  const [position] = locate(text, [path]);
  return position === undefined ? "nowhere" : `${position.line}:${position.column}`;
};

describe("locating a path", () => {
  it.each([
    [[], "1:1"],
    [["kind"], "2:1"],
    [["spec", "hosts", 1], "4:14"],
    [["spec", "http", 0], "6:5"],
    [["spec", "http", 0, "route", 0, "destination", "host"], "7:21"],
    [["spec", "http", 1], "8:5"],
    [["spec", "http", 1, "match"], "9:5"],
    [["spec", "80"], "10:3"],
    [["spec", 80], "10:3"],
  ] as const)("finds %j at %s", (path, expected) => {
    expect(at(path)).toBe(expected);
  });

  it("gives the nearest place above what isn't there", () => {
    expect(at(["spec", "http", 0, "match", "uri"])).toBe("6:5");
    expect(at(["spec", "80", "match"])).toBe("10:3");
    expect(at(["status"])).toBe("1:1");
  });

  it("serves many paths in one pass", () => {
    expect(locate("a:\n  b: 1\nc: 2\n", [["c"], ["a", "b"], ["a"]])).toEqual([
      { line: 3, column: 1 },
      { line: 2, column: 3 },
      { line: 1, column: 1 },
    ]);
  });

  it("knows no place in a text that can't be parsed", () => {
    expect(locate("a: [", [["a"]])).toEqual([undefined]);
  });

  it("finds its way in JSON", () => {
    expect(locate('{"a": {\n  "b": [1, 2]\n}}', [["a", "b", 1]])).toEqual([{ line: 2, column: 12 }]);
  });
});
