import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** The protocol has so many numbered scenarios. */
const SCENARIOS = 63;

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/conformance.md`, "utf8");
const files = ["test/conformance", "test/feature"].flatMap((folder) =>
  readdirSync(`${root}/${folder}`)
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${folder}/${name}`),
);

/** Where each number stands, with others or alone, before the colon of a test's title. */
const shown = new Map<number, string[]>();
for (const file of files) {
  const titles = readFileSync(`${root}/${file}`, "utf8").matchAll(/["'`](\d+(?:, \d+)*): /g);
  for (const [, numbers = ""] of titles) {
    for (const number of numbers.split(", ").map(Number)) shown.set(number, [...(shown.get(number) ?? []), file]);
  }
}

/** What the page says of each number: the files of its line. */
const told = new Map<number, string>();
for (const [, numbers = "", where = ""] of page.matchAll(/^\| ([\d–, ]+) \|[^|]*\| ([^|]*) \|$/gm)) {
  for (const part of numbers.split(", ")) {
    const [first = 0, last = first] = part.split("–").map(Number);
    for (let number = first; number <= last; number++) told.set(number, `${told.get(number) ?? ""} ${where}`);
  }
}

describe.each(Array.from({ length: SCENARIOS }, (_, i) => i + 1))("scenario %i", (number) => {
  test("stands in the title of a test", () => {
    expect(shown.get(number) ?? []).not.toEqual([]);
  });

  test("stands on the page, with every file that shows it", () => {
    const missing = (shown.get(number) ?? []).filter((file) => !names(told.get(number) ?? "", file));
    expect(missing).toEqual([]);
  });
});

test("no title and no line of the page has another number", () => {
  const all = [...shown.keys(), ...told.keys()];
  expect(all.filter((number) => number < 1 || number > SCENARIOS)).toEqual([]);
});

/** Whether a line names a file: by its path, or by its folder and a pattern such as `sink*.test.ts`. */
function names(line: string, file: string): boolean {
  return [...line.matchAll(/`([^`]+)`/g)].some(([, path = ""]) =>
    new RegExp(`^${path.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`).test(file),
  );
}
