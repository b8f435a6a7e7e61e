import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayWidth } from "../terminal/width.ts";
import { wrappedTable } from "./wrapped-table.ts";

const header = ["NAME", "TEXT"];

describe("wrappedTable", () => {
  test("goes on below the text, not below the row", () => {
    const text = "one two three four five six seven eight nine";
    expect(wrappedTable([["a", text]], { header, width: 40 }).split("\n")).toEqual([
      "NAME  TEXT",
      "a     one two three four five six seven",
      "      eight nine",
    ]);
  });

  test("puts the text below the row where there is too little room beside it", () => {
    const rows = [
      ["x".repeat(20), "one two three four five six"],
      ["y", ""],
    ];
    expect(wrappedTable(rows, { header, width: 40 }).split("\n")).toEqual([
      `NAME${" ".repeat(18)}TEXT`,
      "x".repeat(20),
      "    one two three four five six",
      "y",
    ]);
  });

  test("has a row a line where there is no limit", () => {
    const text = "word ".repeat(100).trim();
    expect(wrappedTable([["a", text]], { header })).toBe(`NAME  TEXT\na     ${text}`);
  });

  test("paints what is laid out already", () => {
    const paint = (cell: string, row: number, column: number): string => `<${row}:${column}${cell}>`;
    expect(wrappedTable([["a", "b"]], { header, paint })).toBe("<-1:0NAME>  <-1:1TEXT>\n<0:0a>     <0:1b>");
  });

  test("of no rows is its head", () => {
    expect(wrappedTable([], { header, width: 40 })).toBe("NAME  TEXT");
  });

  const word = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
  const rows = fc.array(fc.tuple(word, fc.array(word, { maxLength: 30 })), { minLength: 1, maxLength: 6 });

  test("loses no word, keeps within the width, and lets no control through, whatever the text", () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 60, max: 120 }), (cells, width) => {
        const lay = (limit: number): string =>
          wrappedTable(
            cells.map(([name, words]) => [name, words.join(" ")]),
            { header, width: limit },
          );
        const lines = lay(width).split("\n");
        // Twelve characters may take up to 72 cells once they are spelled out.
        const longest = Math.max(...lines.flatMap((line) => line.trim().split(/\s+/u).map(displayWidth)));
        for (const line of lines) if (longest <= 24) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join(" ").match(/\S+/gu)).toEqual(lay(Number.POSITIVE_INFINITY).match(/\S+/gu));
        expect(lines.join("")).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
