import { describe, expect, test } from "vitest";
import { table } from "./table.ts";
import { displayWidth } from "./width.ts";

describe("table", () => {
  test("aligns columns, and ends no line with spaces", () => {
    expect(table([["a", "1"], ["bbb", "22"], ["c"]], { header: ["NAME", "N"] })).toBe(
      ["NAME  N", "a     1", "bbb   22", "c"].join("\n"),
    );
  });

  test("counts the cells of a character, not the character", () => {
    expect(
      table([
        ["設定", "x"],
        ["ab", "y"],
      ]),
    ).toBe(["設定  x", "ab    y"].join("\n"));
  });

  test("puts numbers at the right edge", () => {
    expect(
      table(
        [
          ["1", "a"],
          ["100", "b"],
        ],
        { right: [0] },
      ),
    ).toBe(["  1  a", "100  b"].join("\n"));
  });

  test("cuts the widest column where the width doesn't suffice", () => {
    const lines = table(
      [
        ["x".repeat(30), "short"],
        ["y", "z"],
      ],
      { width: 20 },
    ).split("\n");
    expect(lines).toEqual([`${"x".repeat(12)}…  short`, `y${" ".repeat(14)}z`]);
    expect(Math.max(...lines.map(displayWidth))).toBe(20);
  });

  test("stops cutting where nothing would be left to read", () => {
    expect(table([["aaaaaaaa", "bbbbbbbb"]], { width: 4 })).toBe("aaa…  bbb…");
  });

  test("paints cells after laying them out", () => {
    const paint = (cell: string, row: number, column: number): string => `<${row}:${column}${cell}>`;
    expect(table([["a", "b"]], { header: ["LONG", "H"], paint })).toBe("<-1:0LONG>  <-1:1H>\n<0:0a>     <0:1b>");
  });

  test("escapes what would control the terminal", () => {
    expect(table([["a\u001b[2Jb\n"]])).toBe("a\\u001b[2Jb\\n");
  });

  test("of nothing is nothing", () => {
    expect(table([])).toBe("");
  });
});
