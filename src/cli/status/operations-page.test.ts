import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { flagNames, type OptionTable } from "../options/option.ts";
import { serverOptions } from "../options/table.ts";
import { commonOptions } from "../options/table/common.ts";
import { getCommand } from "../get/command.ts";
import { probeCommand } from "../probe/command.ts";
import { watchOptions } from "../watch/options.ts";
import { statusOptions } from "./options.ts";
import { statusTopics } from "./topics.ts";

const docs = new URL("../../../docs/", import.meta.url);
const read = (name: string): Promise<string> => readFile(new URL(name, docs), "utf8");

/** All that the pattern finds in the page, once each. */
function findAll(page: string, pattern: RegExp): readonly string[] {
  return [...new Set([...page.matchAll(pattern)].map((match) => match[1]!))];
}

test("docs/operations.md speaks of flags that there are", async () => {
  const tables: readonly OptionTable[] = [
    serverOptions,
    commonOptions,
    statusOptions,
    getCommand.options,
    probeCommand.options,
    watchOptions,
  ];
  const known = new Set(tables.flatMap((table) => Object.values(table).flatMap((spec) => flagNames(spec))));
  const named = findAll(await read("operations.md"), /(?<=[\s`])--([a-z][a-z-]*)/gu);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("docs/operations.md speaks of metrics and pages that there are", async () => {
  const [page, metrics] = await Promise.all([read("operations.md"), read("metrics.md")]);
  const named = findAll(page, /\b(galley_[a-z_]+)/gu);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !metrics.includes(`\`${name}\``))).toEqual([]);
  for (const link of findAll(page, /\]\(([\w-]+\.md)/gu)) expect(await read(link)).not.toBe("");
});

test("docs/operations.md shows every topic of galley status", async () => {
  const page = await read("operations.md");
  for (const word of Object.keys(statusTopics)) expect(page).toContain(`$ galley status ${word}\n`);
});
