import { expect, test } from "vitest";
import { flagsMarkdown } from "./markdown.ts";

test("docs/flags.md is what the table makes of it", async () => {
  await expect(flagsMarkdown()).toMatchFileSnapshot("../../../docs/flags.md");
});

test("every row of a table has as many cells as its head", () => {
  let cells = 0;
  for (const line of flagsMarkdown().split("\n")) {
    const found = line.startsWith("|") ? line.replaceAll("\\|", "").split("|").length : 0;
    if (cells !== 0 && found !== 0) expect([line, found]).toEqual([line, cells]);
    cells = found;
  }
});
