import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Logger, silentLogger } from "../../../lib/logger.ts";
import { istioCollections } from "../../../model/registry.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Decode, FileLimits, LoadedDecode } from "../options.ts";
import { createFileSource } from "../source.ts";
import { decode as decodeThing, Follower, quick, TestFolder, thing, things } from "../testing/harness.ts";
import { manifests } from "../testing/manifests.ts";
import { istioDecoding } from "./istio-decoding.ts";
import type { Recipe } from "./messages.ts";
import { readerThreads } from "./threads.ts";

const istio = istioDecoding(istioCollections().without((spec) => spec.excludedByDefault));
const fragile = (argument: string): Recipe => ({
  module: new URL("../testing/fragile-decoder.ts", import.meta.url).href,
  argument,
});

interface Setting {
  readonly decode: Decode | LoadedDecode;
  readonly recipe: Recipe | undefined;
  readonly log?: Logger;
  readonly limits?: Partial<FileLimits>;
}

/** What a first scan finds, with the threads of a recipe or without. */
async function scan(folder: TestFolder, { recipe, ...options }: Setting): Promise<unknown> {
  const help = recipe && readerThreads(recipe, { threads: 2, fromBytes: 0 });
  const source = createFileSource({ root: folder.root, help, timings: quick, ...options });
  await using follower = await Follower.synced(source);
  const problems = follower.batches.flatMap((batch) => (batch.kind === "problems" ? batch.problems : []));
  return { served: new Map([...follower.resources].map(([key, resource]) => [key, told(resource)])), problems };
}

function told({ version, legacy, current, origin }: Resource): unknown {
  const bytes = [legacy, current].map((body) => body && Buffer.from(body).toString("hex"));
  return { version, bytes, isShared: legacy === current, place: origin.describe() };
}

describe("threads that read files", () => {
  it("find what is found without them: resources, bytes, problems and places", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(manifests, { minLength: 30, maxLength: 40 }), async (texts) => {
        const files = texts.map((text, i) => [`${i % 3 === 0 ? "sub/" : ""}f${i}.yaml`, text] as const);
        await using folder = await TestFolder.create(Object.fromEntries(files));
        await folder.write("binary.yaml", Buffer.from([0, 1, 2]));
        await folder.write("one.json", '{"apiVersion": "v1", "kind": "List", "items": []}');
        const alone = await scan(folder, { decode: istio.decode, recipe: undefined });
        const warnings: string[] = [];
        const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
        expect(await scan(folder, { ...istio, log })).toEqual(alone);
        expect(warnings).toEqual([]);
      }),
      { numRuns: 4 },
    );
  });

  it("are replaced by the thread that asked them when they fail, which is logged", async () => {
    const files = Array.from({ length: 40 }, (_, i) => [`f${i}.yaml`, thing(`thing-${i}`, i)] as const);
    await using folder = await TestFolder.create(Object.fromEntries(files));
    await folder.write("f7.yaml", things(thing("a"), thing("poison")));
    const warnings: string[] = [];
    const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const alone = await scan(folder, { decode: decodeThing, recipe: undefined });
    expect(await scan(folder, { decode: decodeThing, recipe: fragile("never"), log })).toEqual(alone);
    expect(warnings).toContain("a thread that reads files failed: made to fail; its files are read without it");
    expect(await scan(folder, { decode: decodeThing, recipe: fragile(""), log })).toEqual(alone);
  });

  it("don't raise the bound on documents", async () => {
    const files = Array.from(
      { length: 12 },
      (_, i) => [`f${i}.yaml`, things(thing(`a-${i}`), thing(`b-${i}`))] as const,
    );
    await using folder = await TestFolder.create(Object.fromEntries(files));
    const limits = { maxDocuments: 15 };
    const setting = { decode: decodeThing, limits };
    const alone = await scan(folder, { ...setting, recipe: undefined });
    expect(await scan(folder, { ...setting, recipe: fragile("") })).toEqual(alone);
    expect(JSON.stringify(alone)).toContain("too-many-documents");
  });

  it("don't keep a reading from ending that is told to stop", async () => {
    const files = Array.from({ length: 20 }, (_, i) => [`f${i}.yaml`, thing(`thing-${i}`)] as const);
    await using folder = await TestFolder.create(Object.fromEntries(files));
    const help = readerThreads(fragile(""), { threads: 2, fromBytes: 0 });
    const source = createFileSource({ root: folder.root, decode: decodeThing, help, timings: quick });
    const abort = new AbortController();
    const seen: string[] = [];
    for await (const batch of source.read(abort.signal)) {
      seen.push(batch.kind);
      abort.abort();
    }
    expect(seen).not.toContain("synced");
  });

  it("are not started for little, nor for one file, nor where there is one processor", () => {
    const log = silentLogger;
    expect(readerThreads(istio.recipe, { threads: 1 }).hire(100, 1024 * 1024, log)).toBeUndefined();
    expect(readerThreads(istio.recipe, { threads: 1 }).hire(1, 1e9, log)).toBeUndefined();
    expect(readerThreads(istio.recipe, { threads: 0 }).hire(100, 1e9, log)).toBeUndefined();
  });
});
