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
    const edits: Edit[] = [];
    let size = this.size;
    let place = 0;
    // Chunks that no change is about are not looked at: their names are all over the memory, and most of them out of its caches.
    for (let next = 0; next < sorted.length;) {
      place = chunkFor(this.chunks, sorted[next]!.name, place);
      const chunk = this.chunks[place] ?? [];
      const limit = this.chunks[place + 1]?.[0]?.name;
      const from = next;
      do next++;
      while (next < sorted.length && (limit === undefined || sorted[next]!.name < limit));
      const merged = merge(chunk, sorted, from, next, hasher);
      if (merged === chunk) continue;
      edits.push({ place, merged });
      size += merged.length - chunk.length;
    }
    return edits.length === 0 ? this : new Table(edited(this.chunks, edits), size, hasher.sum());
  }
}

/** What stands in the place of a chunk from now on, of any length. */
interface Edit {
  readonly place: number;
  readonly merged: Chunk;
}

/** The chunks after the edits, which are in order of their places. */
function edited(chunks: readonly Chunk[], edits: readonly Edit[]): readonly Chunk[] {
  // Most changes leave every chunk in its place. The list is copied whole then: grown anew, it would take thrice the memory.
  if (edits.every(({ place, merged }) => place < chunks.length && isFair(merged))) {
    const copy = chunks.slice();
    for (const { place, merged } of edits) copy[place] = merged;
    return copy;
  }
  const built: Chunk[] = [];
  let taken = 0;
  for (const { place, merged } of edits) {
    while (taken < place) built.push(chunks[taken++]!);
    taken++;
    pushBalanced(built, merged);
  }
  while (taken < chunks.length) built.push(chunks[taken++]!);
  return built;
}

function isFair({ length }: Chunk): boolean {
  return length >= MAX_CHUNK / 4 && length <= MAX_CHUNK;
}

/** The changes by name, the last one for each. */
function inNameOrder(changes: Iterable<Change>): readonly Change[] {
  const sorted = [...changes].sort((a, b) => (a.name < b.name ? -1 : a.name === b.name ? 0 : 1));
  return sorted.filter(({ name }, i) => sorted[i + 1]?.name !== name);
}

/** Index of the chunk in which a name stands or would stand, of those from `least` on. */
function chunkFor(chunks: readonly Chunk[], name: ResourceName, least = 0): number {
  let low = least;
  let high = chunks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (chunks[middle]![0]!.name <= name) low = middle + 1;
    else high = middle;
  }
  return Math.max(least, low - 1);
}

/** Where a name stands or would stand, from `least` on. */
function lowerBound(chunk: Chunk, name: ResourceName, least = 0): number {
  let low = least;
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
  let merged: Resource[] | undefined;
  let taken = 0;
  for (let i = from; i < to; i++) {
    const { name, resource } = changes[i]!;
    const place = lowerBound(chunk, name, taken);
    const old = chunk[place]?.name === name ? chunk[place] : undefined;
    if (old?.version === resource?.version) continue;
    merged ??= [];
    while (taken < place) merged.push(chunk[taken++]!);
    if (old !== undefined) {
      hasher.remove(name, old.version);
      taken++;
    }
    if (resource === undefined) continue;
    hasher.add(name, resource.version);
    merged.push(resource);
  }
  if (merged === undefined) return chunk;
  while (taken < chunk.length) merged.push(chunk[taken++]!);
  return merged;
}

/** Appends resources as chunks of fair size, taking in the chunk before them when they are few. */
function pushBalanced(chunks: Chunk[], resources: readonly Resource[]): void {
  if (resources.length === 0) return;
  if (isFair(resources)) return void chunks.push(resources);
  let rest = resources;
  if (rest.length < MAX_CHUNK / 4 && chunks.length > 0) rest = [...chunks.pop()!, ...rest];
  const parts = Math.ceil(rest.length / MAX_CHUNK);
  const share = Math.ceil(rest.length / parts);
  for (let start = 0; start < rest.length; start += share) chunks.push(rest.slice(start, start + share));
}
