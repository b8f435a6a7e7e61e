import { hash } from "node:crypto";
import type { CollectionSpec } from "../../model/collections.ts";
import type { ResourceName, ResourceVersion } from "../../model/names.ts";
import type { Issue } from "../../model/parsed.ts";
import type { Origin, Resource } from "../../model/resource.ts";
import type { Cache } from "../fs/cache/store.ts";
import type { PackedReading } from "../fs/packed/layout.ts";
import type { MeshJson } from "./defaults.ts";

/** A mesh configuration in wire bytes, and what there is to say about it. */
export interface EncodedMesh {
  readonly resource: Resource | undefined;
  readonly issues: readonly Issue[];
  /** Has the cache keep it, where that doesn't yet; not before a first answer, for which it would be in the way. */
  readonly keep: (() => Promise<void>) | undefined;
}

/** Where the bytes are in the body of the cache's entry; for equal ones the same place. */
interface Kept {
  readonly version: string;
  readonly legacy: readonly [from: number, to: number] | null;
  readonly current: readonly [from: number, to: number] | null;
  readonly issues: readonly Issue[];
}

/**
 * Encodes a mesh configuration, or finds it in the cache: the API's descriptors, which it takes to encode one, take longer to
 * load than everything else that a start with a cache needs.
 */
export async function encodeMesh(
  json: MeshJson,
  spec: CollectionSpec,
  name: ResourceName,
  origin: Origin,
  cache: Cache | undefined,
): Promise<EncodedMesh> {
  const key = cache && keyOf(cache, json);
  const packed = key && (await cache?.get(key));
  const known = packed && unpack(packed);
  if (known !== undefined) {
    const { issues, ...parts } = known;
    return { resource: { collection: spec.name, name, origin, ...parts }, issues, keep: undefined };
  }
  const { makeResource } = await import("../../model/make-resource.ts");
  const made = makeResource(spec, { name, labels: {}, annotations: {} }, json, origin);
  if (!made.ok) return { resource: undefined, issues: made.issues, keep: undefined };
  const { value: resource, issues } = made;
  return { resource, issues, keep: key && (() => cache.put(key, pack(resource, issues))) };
}

/** No file has this key: the cache keeps entries of another form under those. */
function keyOf(cache: Cache, json: MeshJson): Buffer {
  const content = hash("sha256", JSON.stringify(json), "buffer");
  return hash("sha256", Buffer.concat([Buffer.from("mesh "), cache.keyOf(content, true)]), "buffer");
}

function pack({ version, legacy, current }: Resource, issues: readonly Issue[]): PackedReading {
  const first = legacy?.length ?? 0;
  const rest = current === legacy ? 0 : (current?.length ?? 0);
  const bodies = new Uint8Array(first + rest);
  if (legacy !== undefined) bodies.set(legacy);
  if (rest > 0) bodies.set(current!, first);
  const kept: Kept = {
    version,
    legacy: legacy === undefined ? null : [0, first],
    current: current === undefined ? null : current === legacy ? [0, first] : [first, first + rest],
    issues,
  };
  return { head: new Uint8Array(Buffer.from(JSON.stringify(kept), "utf8")), bodies };
}

/** What was packed; the cache gives nothing else under its key. */
function unpack({
  head,
  bodies,
}: PackedReading): Pick<Resource, "version" | "legacy" | "current"> & Pick<EncodedMesh, "issues"> {
  const { version, legacy, current, issues } = JSON.parse(Buffer.from(head).toString("utf8")) as Kept;
  const first = legacy === null ? undefined : bodies.subarray(...legacy);
  const isShared = legacy !== null && legacy[0] === current?.[0] && legacy[1] === current[1];
  const second = current === null ? undefined : bodies.subarray(...current);
  return { version: version as ResourceVersion, legacy: first, current: isShared ? first : second, issues };
}
