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
    const sorted = inNameOrder(changes);
    const hasher = new SetHasher(this.#hash);
    const chunks: Chunk[] = [];
    let size = this.size;
    let next = 0;
    let isChanged = false;
    for (let i = 0; i < Math.max(1, this.chunks.length); i++) {
      const chunk = this.chunks[i] ?? [];
      const limit = this.chunks[i + 1]?.[0]?.name;
      const from = next;
      while (next < sorted.length && (limit === undefined || sorted[next]!.name < limit)) next++;
      const merged = from === next ? chunk : merge(chunk, sorted, from, next, hasher);
      if (merged === chunk) {
        if (chunk.length > 0) chunks.push(chunk);
        continue;
      }
      isChanged = true;
      size += merged.length - chunk.length;
      pushBalanced(chunks, merged);
    }
    if (!isChanged) return this;
    return new Table(chunks, size, hasher.sum());
  }
}

/** The changes by name, the last one for each. */
function inNameOrder(changes: Iterable<Change>): readonly Change[] {
  const sorted = [...changes].sort((a, b) => (a.name < b.name ? -1 : a.name === b.name ? 0 : 1));
  return sorted.filter(({ name }, i) => sorted[i + 1]?.name !== name);
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

/** A chunk after the changes `[from, to)`; this very chunk when they change nothing. */
function merge(chunk: Chunk, changes: readonly Change[], from: number, to: number, hasher: SetHasher): Chunk {
  const merged: Resource[] = [];
  let isChanged = false;
  let at = 0;
  for (let i = from; i < to; i++) {
    const { name, resource } = changes[i]!;
    while (at < chunk.length && chunk[at]!.name < name) merged.push(chunk[at++]!);
    const old = chunk[at]?.name === name ? chunk[at++] : undefined;
    if (old?.version === resource?.version) {
      if (old !== undefined) merged.push(old);
      continue;
    }
    isChanged = true;
    if (old !== undefined) hasher.remove(name, old.version);
    if (resource === undefined) continue;
    hasher.add(name, resource.version);
    merged.push(resource);
  }
  if (!isChanged) return chunk;
  while (at < chunk.length) merged.push(chunk[at++]!);
  return merged;
}

/** Appends resources as chunks of fair size, taking in the chunk before them when they are few. */
function pushBalanced(chunks: Chunk[], resources: readonly Resource[]): void {
  if (resources.length === 0) return;
  let rest = resources;
  if (rest.length < MAX_CHUNK / 4 && chunks.length > 0) rest = [...chunks.pop()!, ...rest];
  const parts = Math.ceil(rest.length / MAX_CHUNK);
  const share = Math.ceil(rest.length / parts);
  for (let start = 0; start < rest.length; start += share) chunks.push(rest.slice(start, start + share));
}
