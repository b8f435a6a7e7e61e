import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { stories } from "../traces/stories.ts";

const folder = new URL("../traces/", import.meta.url);

// To accept a change: npx vitest run test/feature/traces.test.ts -u
test.each(Object.entries(stories))("the conversation of %s is the one that is written down", async (name, tell) => {
  const story = await tell();
  await expect(story.text).toMatchFileSnapshot(new URL(`${name}.txt`, folder).pathname);
});

test("no conversation is kept that nobody tells any more", () => {
  const kept = readdirSync(folder).filter((file) => file.endsWith(".txt"));
  const told = Object.keys(stories).map((name) => `${name}.txt`);
  expect(kept.sort()).toEqual(told.sort());
});
