import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scopeNames, scopes } from "./scopes.ts";

const root = new URL("../../", import.meta.url);

/** The scopes that source files name, with the file. */
function scopesInUse(): readonly (readonly [scope: string, file: string])[] {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  return sources.flatMap((file) => {
    const calls = readFileSync(new URL(file, root), "utf8").matchAll(/\.scope\("([^"]+)"\)/gu);
    return [...calls].map(([, scope]) => [scope!, file] as const);
  });
}

test("every scope that is logged under can be given a level", () => {
  expect(scopesInUse().filter(([scope]) => !scopeNames.includes(scope))).toEqual([]);
});

test("every scope that is said to be logged under is", () => {
  const used = new Set(scopesInUse().map(([scope]) => scope));
  expect(Object.keys(scopes).filter((scope) => scope !== "default" && !used.has(scope))).toEqual([]);
});

test("scopes are named once", () => {
  expect(scopeNames).toHaveLength(new Set(scopeNames).size);
  expect(Object.keys(scopes)).toContain("default");
});
