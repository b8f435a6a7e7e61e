import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { parseLine } from "../../src/cli/command/parse.ts";
import { loadSettings } from "../../src/cli/options/load.ts";
import { serverOptions } from "../../src/cli/options/table.ts";
import { commonOptions } from "../../src/cli/options/table/common.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { parseYaml } from "../../src/lib/yaml/parse.ts";
import { splitYaml } from "../../src/lib/yaml/split.ts";
import { decodeDocument } from "../../src/model/decode.ts";
import type { Issue } from "../../src/model/parsed.ts";
import { formatPath } from "../../src/model/parsed.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Resource } from "../../src/model/resource.ts";
import { createMeshSource } from "../../src/sources/mesh/source.ts";

const root = "samples/leafpress";
const registry = istioCollections();

/** What became of one document. */
interface Decoded {
  readonly place: string;
  readonly namespace: string;
  readonly resource: Resource | undefined;
  readonly issues: readonly Issue[];
}

function decode(file: string, text: string): Decoded[] {
  return [...splitYaml(text)].map((document) => {
    const place = `${file}:${document.line}`;
    const parsed = parseYaml(document.text);
    if (!parsed.ok) throw new Error(`${place}: ${JSON.stringify(parsed.fault)}`);
    const { namespace = "" } = (parsed.value as { metadata: { namespace?: string } }).metadata;
    const decoded = decodeDocument(parsed.value, registry, { describe: () => place });
    return { place, namespace, resource: decoded.ok ? decoded.value : undefined, issues: decoded.issues };
  });
}

async function decodeSamples(): Promise<Decoded[]> {
  const files = await readdir(root, { recursive: true });
  const texts = files
    .filter((file) => file.endsWith(".yaml"))
    .map(async (file) => decode(file, await readFile(join(root, file), "utf8")));
  return (await Promise.all(texts)).flat();
}

function complaints(documents: readonly Decoded[]): string[] {
  return documents.flatMap(({ place, issues }) =>
    issues
      .filter(({ severity }) => severity !== "info")
      .map(({ code, path, message }) => `${place}: ${formatPath(path)}: ${code}: ${message}`),
  );
}

describe("the bookstore in samples/leafpress", async () => {
  const documents = await decodeSamples();
  const resources = documents.flatMap(({ resource }) => resource ?? []);

  test("is read without a complaint", () => {
    expect(complaints(documents)).toEqual([]);
    expect(documents.filter(({ resource }) => resource === undefined)).toEqual([]);
    expect(resources.length).toBeGreaterThan(40);
  });

  test("is of use to sinks of both generations", () => {
    const networking = resources.filter(
      ({ collection }) => registry.get(collection)!.generations.length === 2 && collection.includes("/networking/"),
    );
    expect(networking.length).toBeGreaterThan(20);
    for (const { name, legacy, current } of networking) {
      expect([name, legacy === undefined, current === undefined]).toEqual([name, false, false]);
    }
    for (const generation of ["legacy", "current"] as const) {
      expect(resources.some((resource) => resource[generation] === undefined)).toBe(true);
    }
  });

  test("keeps each namespace in a folder of its name, and names nothing twice", () => {
    for (const { place, namespace } of documents) {
      if (namespace !== "") expect(place).toMatch(new RegExp(`^${namespace}/`));
    }
    const names = resources.map(({ collection, name }) => `${collection} ${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test("would not get away with a slip", async () => {
    const text = await readFile(join(root, "shop/catalogue.yaml"), "utf8");
    expect(complaints(decode("catalogue.yaml", text.replace("weight:", "wieght:")))[0]).toContain("wieght");
    expect(complaints(decode("catalogue.yaml", text.replace("LEAST_CONN", "LEAST_KONN")))[0]).toContain("LEAST_KONN");
  });
});

test("the mesh configuration is read without a problem", async () => {
  const source = createMeshSource({
    file: "deploy/local/mesh-config.yaml",
    expected: true,
    collection: registry.get("istio/mesh/v1alpha1/MeshConfig")!,
    clock: systemClock,
  });
  const end = new AbortController();
  const upserts: Resource[] = [];
  for await (const batch of source.read(end.signal)) {
    if (batch.kind === "patch") upserts.push(...batch.upserts);
    if (batch.kind === "problems") expect(batch.problems).toEqual([]);
    if (batch.kind === "synced") end.abort();
  }
  expect(upserts).toHaveLength(1);
});

test("the settings are taken without a notice and name what is there", async () => {
  const table = { ...serverOptions, ...commonOptions };
  const resolved = await loadSettings(table, parseLine(table, ["--config", "deploy/local/galley.yaml"]).flags, {});
  expect(resolved).toMatchObject({ ok: true, notices: [] });
  if (!resolved.ok) return;
  const { configPath, meshConfigFile, insecure } = resolved.settings.values;
  expect([configPath, meshConfigFile, insecure]).toEqual(["samples", "deploy/local/mesh-config.yaml", true]);
});
