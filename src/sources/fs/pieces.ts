import type { Resource, ResourceKey } from "../../model/resource.ts";
import type { SourceBatch } from "../source.ts";

/** Cuts changes into patches of a bounded size; none for no changes. */
export function* patches(
  upserts: readonly Resource[],
  deletes: readonly ResourceKey[],
  maxPatch: number,
): Generator<SourceBatch, undefined> {
  if (upserts.length + deletes.length <= maxPatch) {
    if (upserts.length + deletes.length > 0) yield { kind: "patch", upserts, deletes };
    return;
  }
  for (let i = 0; i < upserts.length; i += maxPatch) {
    yield { kind: "patch", upserts: upserts.slice(i, i + maxPatch), deletes: [] };
  }
  for (let i = 0; i < deletes.length; i += maxPatch) {
    yield { kind: "patch", upserts: [], deletes: deletes.slice(i, i + maxPatch) };
  }
}
