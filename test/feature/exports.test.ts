import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

// What the package exports is built from sources that exist, and the examples see the same.

interface Target {
  readonly types: string;
  readonly default: string;
}

const { exports } = JSON.parse(await readFile("package.json", "utf8")) as { exports: Record<string, Target | string> };
const { compilerOptions } = JSON.parse(await readFile("examples/tsconfig.json", "utf8")) as {
  compilerOptions: { paths: Record<string, readonly string[]> };
};

const modules = Object.entries(exports).filter((entry): entry is [string, Target] => typeof entry[1] !== "string");

/** Where what is built at a place comes from. */
function sourceOf(built: string): string {
  return built.replace(/^\.\/dist\//, "src/").replace(/\.js$/, ".ts");
}

test.each(modules)("%s has types beside its code, and is what the examples import", (name, target) => {
  expect(target.types).toBe(target.default.replace(/\.js$/, ".d.ts"));
  expect(compilerOptions.paths[name.replace(/^\./, "galley")]).toEqual([`../${sourceOf(target.default)}`]);
});

test.each(modules.filter(([name]) => !name.includes("*")))("%s can be imported", async (_, target) => {
  const url = new URL(`../../${sourceOf(target.default)}`, import.meta.url);
  expect(Object.keys((await import(url.href)) as object)).not.toEqual([]);
});

test.each([
  ["./api/1.3/*", "networking/v1alpha3/gateway"],
  ["./api/current/*", "networking/v1alpha3/gateway"],
  ["./api/envoy/*", "service/discovery/v3/discovery"],
])("%s has %s", (name, path) => {
  expect(existsSync(sourceOf((exports[name] as Target).default.replace("*", path)))).toBe(true);
});
