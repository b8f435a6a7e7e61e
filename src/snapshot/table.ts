import type { CollectionVersion, ResourceName } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { EMPTY_VERSION, emptySetHash, SetHasher, type SetHash, versionOf } from "./set-hash.ts";

/** Resources in name order, never changed once made. Tables that differ in one resource share all chunks but one. */
export type Chunk = readonly Resource[];

/** A chunk is cut in two when it would grow past this, and joined to its neighbour when it shrinks below a quarter. */
export const MAX_CHUNK = 128;

/** What happens to one name: the resource it has from now on, or nothing. */
export interface Change {
  readonly name: ResourceName;
  readonly resource: Resource | undefined;
}

/**
 * The content of one collection at one version: an immutable sorted table in chunks. A change copies one chunk and the
 * list of chunks, so publishing costs O(changed) and old tables, which slow sinks may hold, cost next to nothing.
 */
export class Table {
  static readonly empty: Table = new Table([], 0, emptySetHash);

  readonly chunks: readonly Chunk[];
  readonly size: number;
  readonly version: CollectionVersion;
  readonly #hash: SetHash;

  private constructor(chunks: readonly Chunk[], size: number, hash: SetHash) {
    this.chunks = chunks;
    this.size = size;
    this.#hash = hash;
    this.version = size === 0 ? EMPTY_VERSION : versionOf(hash);
  }

  static of(resources: readonly Resource[]): Table {
    return Table.empty.with(resources.map((resource) => ({ name: resource.name, resource })));
  }

  get(name: ResourceName): Resource | undefined {
    const chunk = this.chunks[chunkFor(this.chunks, name)];
    if (chunk === undefined) return undefined;
    const at = lowerBound(chunk, name);
    return chunk[at]?.name === name ? chunk[at] : undefined;
  }

  *[Symbol.iterator](): IterableIterator<Resource> {
    for (const chunk of this.chunks) yield* chunk;
  }

  /** This table after the changes, the last one for a name deciding; this very table when they change nothing. */
  with(changes: Iterable<Change>): Table {
    const byName = new Map<ResourceName, Resource | undefined>();
    for (const { name, resource } of changes) byName.set(name, resource);
    const effective: Change[] = [];
    for (const [name, resource] of byName) {
      if (this.get(name)?.version !== resource?.version) effective.push({ name, resource });
    }
    if (effective.length === 0) return this;
    effective.sort((a, b) => (a.name < b.name ? -1 : 1));

    const hasher = new SetHasher(this.#hash);
    const chunks: Chunk[] = [];
    let size = this.size;
    let next = 0;
    for (let i = 0; i < Math.max(1, this.chunks.length); i++) {
      const chunk = this.chunks[i] ?? [];
      const limit = this.chunks[i + 1]?.[0]?.name;
      const from = next;
      while (next < effective.length && (limit === undefined || effective[next]!.name < limit)) next++;
      if (from === next) {
        chunks.push(chunk);
        continue;
      }
      const merged = merge(chunk, effective, from, next, hasher);
      size += merged.length - chunk.length;
      pushBalanced(chunks, merged);
    }
    return new Table(chunks, size, hasher.sum());
  }
}

/** Index of the chunk in which a name stands or would stand. */
function chunkFor(chunks: readonly Chunk[], name: ResourceName): number {
  let low = 0;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunks[middle]![0]!.name <= name) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

function lowerBound(chunk: Chunk, name: ResourceName): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunk[middle]!.name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

function merge(chunk: Chunk, changes: readonly Change[], from: number, to: number, hasher: SetHasher): Resource[] {
  const merged: Resource[] = [];
  let at = 0;
  for (let i = from; i < to; i++) {
    const { name, resource } = changes[i]!;
    while (at < chunk.length && chunk[at]!.name < name) merged.push(chunk[at++]!);
    const old = chunk[at]?.name === name ? chunk[at++] : undefined;
    if (old !== undefined) hasher.remove(name, old.version);
    if (resource === undefined) continue;
    hasher.add(name, resource.version);
    merged.push(resource);
  }
  while (at < chunk.length) merged.push(chunk[at++]!);
  return merged;
}

/** Appends resources as chunks of fair size, taking in the chunk before them when they are few. */
function pushBalanced(chunks: Chunk[], resources: Resource[]): void {
  if (resources.length === 0) return;
  let rest: readonly Resource[] = resources;
  if (rest.length < MAX_CHUNK / 4 && chunks.length > 0) rest = [...chunks.pop()!, ...rest];
  const parts = Math.ceil(rest.length / MAX_CHUNK);
  const share = Math.ceil(rest.length / parts);
  for (let start = 0; start < rest.length; start += share) chunks.push(rest.slice(start, start + share));
}
