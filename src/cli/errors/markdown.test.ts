import { expect, test } from "vitest";
import { errorTable } from "../../lib/errors.ts";
import { errorsMarkdown } from "./markdown.ts";

test("docs/errors.md is what the table makes of it", async () => {
  await expect(errorsMarkdown()).toMatchFileSnapshot("../../../docs/errors.md");
});

test("every code is listed once", () => {
  for (const code of Object.keys(errorTable)) {
    expect(errorsMarkdown().split(`| \`${code}\` |`)).toHaveLength(2);
  }
});
