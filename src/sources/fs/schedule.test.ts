import { mkdtempSync, rmSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../lib/logger.ts";
import { openCache } from "./cache/store.ts";
import type { FileSourceOptions } from "./options.ts";
import { decode, Follower, packingHelp, quick, TestFolder, thing, things } from "./testing/harness.ts";
import { createFileSource, type FileSource } from "./source.ts";

const timings = { ...quick, settleMs: 2, lossMs: 15, goneMs: 15, keepMs: 5 };

const cacheFolder = mkdtempSync(join(tmpdir(), "galley-schedule-"));
afterAll(() => rmSync(cacheFolder, { recursive: true }));
const cache = openCache(cacheFolder, [], silentLogger)!;

/** The ways of reading; all must come to the same. */
const ways: readonly [string, Pick<FileSourceOptions, "help" | "cache">][] = [
  ["in one thread", {}],
  ["with help and a cache", { help: packingHelp, cache }],
];

function sourceOf(folder: TestFolder, way: Pick<FileSourceOptions, "help" | "cache">): FileSource {
  return createFileSource({ root: folder.root, decode, timings, ...way });
}

const names = ["a", "b", "c"] as const;
const paths = ["a.yaml", "b.yml", "sub/a.yaml", "sub/deep/c.json.yaml", "z.yaml"] as const;

/** Documents that are fine: a name and a value each. */
const documents = fc.array(fc.tuple(fc.constantFrom(...names), fc.nat({ max: 3 })), { maxLength: 4 });
const path = fc.constantFrom(...paths);

type Edit =
  | {
      readonly do: "write" | "replace";
      readonly path: string;
      readonly documents: readonly (readonly [string, number])[];
    }
  | { readonly do: "break"; readonly path: string; readonly how: string }
  | { readonly do: "cut"; readonly path: string; readonly at: number }
  | { readonly do: "remove"; readonly path: string }
  | { readonly do: "move" | "copy"; readonly path: string; readonly to: string }
  | { readonly do: "moveFolder" }
  | { readonly do: "pause"; readonly ms: number };

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("write", "replace"), path, documents }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("break" as const),
      path,
      how: fc.constantFrom("a: [\n", "\0", thing("a", "bad"), "kind: Thing\n"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), path, at: fc.nat({ max: 200 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), path }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("move", "copy"), path, to: path }) },
  { weight: 1, arbitrary: fc.constant({ do: "moveFolder" } as const) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pause" as const), ms: fc.nat({ max: 30 }) }) },
) as fc.Arbitrary<Edit>;

async function apply(folder: TestFolder, step: Edit): Promise<void> {
  const read = (path: string) => readFile(folder.path(path), "utf8").catch(() => undefined);
  switch (step.do) {
    case "write":
      return folder.write(step.path, things(...step.documents.map(([name, value]) => thing(name, value))));
    case "replace":
      await folder.write(step.path, "");
      return folder.replace(step.path, things(...step.documents.map(([name, value]) => thing(name, value))));
    case "pause":
      return new Promise((resolve) => setTimeout(resolve, step.ms));
    case "remove":
      return folder.remove(step.path);
    case "moveFolder":
      await folder.move("sub", "sub2").catch(() => undefined);
      return folder.move("sub2", "sub").catch(() => undefined);
    case "break":
      return folder.write(step.path, `${(await read(step.path)) ?? ""}---\n${step.how}`);
    case "cut":
      return folder.write(step.path, ((await read(step.path)) ?? "").slice(0, step.at));
    case "copy":
      return folder.write(step.to, (await read(step.path)) ?? "");
    case "move":
      return folder.move(step.path, step.to).catch(() => undefined);
  }
}

/** What a fresh scan of the folder serves and complains about. */
async function scanned(folder: TestFolder): Promise<Pick<Follower, "served" | "problems">> {
  await using follower = await Follower.synced(sourceOf(folder, {}));
  return { served: follower.served, problems: follower.problems };
}

describe.each(ways)("any schedule of edits, read %s,", (_name, way) => {
  it("ends, once all files are whole, with what a fresh scan gives", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { maxLength: 25 }),
        fc.array(documents, { minLength: 5, maxLength: 5 }),
        async (edits, last) => {
          await using folder = await TestFolder.create({
            "a.yaml": things(thing("a"), thing("b")),
            "sub/a.yaml": thing("c"),
          });
          await using follower = await Follower.synced(sourceOf(folder, way));
          for (const step of edits) await apply(folder, step);
          // Mend everything: some files are written anew, the others are removed.
          for (const [i, name] of paths.entries()) {
            if (i % 2 === 0) await folder.write(name, things(...last[i]!.map(([doc, value]) => thing(doc, value))));
            else await rm(folder.path(name), { force: true });
          }
          const expected = await scanned(folder);
          await follower.until(
            () =>
              follower.served.join() === expected.served.join() &&
              follower.problems.join() === expected.problems.join(),
          );
          for (const name of follower.resources.keys()) expect(follower.origin(name)).toMatch(/^[\w./]+:\d+$/);
        },
      ),
      { numRuns: 30, endOnFailure: true },
    );
  });

  it("keeps, at every rest, the last good version of what is broken, and nothing else", async () => {
    const step = fc.record({
      path: fc.constantFrom("a.yaml", "b.yaml"),
      documents: fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom("1", "2", "3", "bad", "?")), {
        maxLength: 3,
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await using folder = await TestFolder.create();
        await using follower = await Follower.synced(sourceOf(folder, way));
        const held = new Map<string, ReadonlyMap<string, string>>([
          ["a.yaml", new Map()],
          ["b.yaml", new Map()],
        ]);
        const marks = new Map<string, number>();
        for (const [i, { path: file, documents: texts }] of steps.entries()) {
          // A document of its own for each version, which shows when the version has been read.
          const mark = thing(`read-${file}`, i);
          await folder.write(
            file,
            things(mark, ...texts.map(([name, value]) => (value === "?" ? "a: [\n" : thing(name, value)))),
          );
          marks.set(file, i);
          held.set(file, nextHeld(held.get(file)!, texts));
          const expected = new Map([...held.get("b.yaml")!, ...held.get("a.yaml")!]);
          const served = [...expected].map(([name, value]) => `${name}=${value}`);
          await follower.untilServed(...served, ...[...marks].map(([name, version]) => `read-${name}=${version}`));
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });
});

function nextHeld(
  before: ReadonlyMap<string, string>,
  texts: readonly (readonly [string, string])[],
): Map<string, string> {
  const held = new Map<string, string>();
  for (const [name, value] of texts) {
    if (value !== "bad" && value !== "?" && !held.has(name)) held.set(name, value);
  }
  for (const [name, value] of before) {
    const kept = texts.some(([other, state]) => state === "?" || (state === "bad" && other === name));
    if (kept && !held.has(name)) held.set(name, value);
  }
  return held;
}
