import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../lib/logger.ts";
import type { ResourceName } from "../../model/names.ts";
import { istioCollections } from "../../model/registry.ts";
import { openCache, type Cache } from "../fs/cache/store.ts";
import { meshDefaults } from "./defaults.ts";
import { encodeMesh, type EncodedMesh } from "./encoded.ts";

const spec = istioCollections().get("istio/mesh/v1alpha1/MeshConfig")!;
const origin = { describe: () => "mesh" };
let folder: string;
let cache: Cache;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-mesh-"));
  cache = openCache(folder, [], silentLogger)!;
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const encode = (json: Readonly<Record<string, unknown>>): Promise<EncodedMesh> =>
  encodeMesh(json, spec, "istio-system/meshconfig" as ResourceName, origin, cache);

/** What sinks would see. */
function seen({ resource, issues }: EncodedMesh): unknown {
  const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");
  return {
    ...resource,
    legacy: hex(resource?.legacy),
    current: hex(resource?.current),
    isShared: resource?.legacy === resource?.current,
    issues,
  };
}

test.each([
  ["the defaults", meshDefaults],
  ["nothing", {}],
  ["what one generation alone can express", { ...meshDefaults, localityLbSetting: {}, pathNormalization: {} }],
  ["an unknown field", { nonsense: 1 }],
])("%s comes out of the cache as it was encoded", async (_, json) => {
  const made = await encode(json);
  expect(made.keep).toBeDefined();
  await made.keep!();
  const recalled = await encode(json);
  expect(recalled.keep).toBeUndefined();
  expect(seen(recalled)).toEqual(seen(made));
});

test("an entry that was damaged is encoded anew", async () => {
  const made = await encode(meshDefaults);
  await made.keep!();
  const [name] = await readdir(join(folder, "galley-cache-1"));
  const path = join(folder, "galley-cache-1", name!);
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
  const again = await encode(meshDefaults);
  expect(again.keep).toBeDefined();
  expect(seen(again)).toEqual(seen(made));
});

test("other settings are another entry", async () => {
  await (
    await encode(meshDefaults)
  ).keep!();
  expect((await encode({ ...meshDefaults, proxyListenPort: 1 })).keep).toBeDefined();
});
