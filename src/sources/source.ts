import type { Collection } from "../model/names.ts";
import type { Problem } from "../model/problem.ts";
import type { Resource, ResourceKey } from "../model/resource.ts";

/**
 * What a source knows, said piece by piece. The runtime computes differences, so a source never has to.
 *
 * - `replace`: this is all of one collection.
 * - `patch`: these were added or changed, these are gone. A deletion is positive evidence, never a guess.
 * - `synced`: everything that existed when reading began has been said. Once, before which nothing of this reading is published.
 * - `degraded` / `recovered`: the source can't see its origin (any more); what it said stays in service until it can.
 * - `problems`: the complete list for one scope (such as a file); an empty list says that they are mended.
 * - `progress`: how far a long first scan has come.
 */
export type SourceBatch =
  | { readonly kind: "replace"; readonly collection: Collection; readonly resources: readonly Resource[] }
  | { readonly kind: "patch"; readonly upserts: readonly Resource[]; readonly deletes: readonly ResourceKey[] }
  | { readonly kind: "synced" }
  | { readonly kind: "degraded"; readonly reason: Problem }
  | { readonly kind: "recovered" }
  | { readonly kind: "problems"; readonly scope: string; readonly problems: readonly Problem[] }
  | { readonly kind: "progress"; readonly done: number; readonly total: number; readonly unit: string };

/**
 * Where configuration comes from. Reading is the lifecycle: iterating starts it, aborting the signal ends it, and a new
 * iteration starts afresh with everything there is: at its `synced`, what it said takes the place of all that the one before gave.
 * The consumer pulls, so a source is never ahead of what was taken in.
 */
export interface Source {
  readonly name: string;
  /** Says everything once, then `synced`, then every change until `signal` aborts. Throws only on a bug. */
  read(signal: AbortSignal): AsyncIterable<SourceBatch>;
}
