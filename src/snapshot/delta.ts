import type { ResourceName, ResourceVersion } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { Claim } from "./claim.ts";
import { type Chunk, Table } from "./table.ts";

/** What leads from one content of a collection to another. Both lists are in name order. */
export interface Delta {
  readonly upserts: readonly Resource[];
  readonly removed: readonly ResourceName[];
}

/** What a sink holds: a table that it acknowledged, or what it said it kept from an earlier stream, as it is said or remembered. */
export type Held = Table | ReadonlyMap<ResourceName, ResourceVersion> | Claim;

const memo = new WeakMap<Table, WeakMap<Table, Delta>>();

/**
 * The delta that brings a holder of `from` to `to`. Between two tables it is computed once and shared by all sinks, and
 * costs O(changed + chunks); from a sink's own versions it is a walk of both.
 */
export function deltaTo(from: Held, to: Table): Delta {
  if (from instanceof Claim) return fromClaim(from, to);
  if (!(from instanceof Table)) return diffVersions(from, to);
  let known = memo.get(to);
  if (known === undefined) memo.set(to, (known = new WeakMap()));
  let delta = known.get(from);
  if (delta === undefined) known.set(from, (delta = diffTables(from, to, isAnotherVersion)));
  return delta;
}

/**
 * As `deltaTo`, but with every resource that is another object among the upserts, though it may say the same: for those
 * who remember things about the objects. Not shared.
 */
export function deltaOfObjects(from: Table, to: Table): Delta {
  return diffTables(from, to, isAnotherObject);
}

function isAnotherObject(old: Resource, now: Resource): boolean {
  return old !== now;
}

function isAnotherVersion(old: Resource, now: Resource): boolean {
  return old.version !== now.version;
}

/** Walks both tables side by side and leaps over the chunks that they share. */
function diffTables(from: Table, to: Table, differs: (old: Resource, now: Resource) => boolean): Delta {
  const upserts: Resource[] = [];
  const removed: ResourceName[] = [];
  const a = new Cursor(from.chunks);
  const b = new Cursor(to.chunks);
  for (;;) {
    if (a.atStart && b.atStart && a.chunk !== undefined && a.chunk === b.chunk) {
      a.skipChunk();
      b.skipChunk();
      continue;
    }
    const old = a.current;
    const now = b.current;
    if (old === undefined && now === undefined) return { upserts, removed };
    if (now === undefined || (old !== undefined && old.name < now.name)) {
      removed.push(old!.name);
      a.next();
    } else if (old === undefined || now.name < old.name) {
      upserts.push(now);
      b.next();
    } else {
      if (differs(old, now)) upserts.push(now);
      a.next();
      b.next();
    }
  }
}

/** What leads from the base to the content, for all who claim anything like it, but where this claim differs from the base. */
function fromClaim({ base, differs }: Claim, to: Table): Delta {
  if (base === Table.empty) return diffVersions(differs, to);
  const shared = deltaTo(base, to);
  if (differs.size === 0) return shared;
  const upserts = shared.upserts.filter(({ name }) => !differs.has(name));
  const removed = shared.removed.filter((name) => !differs.has(name));
  for (const [name, held] of differs) {
    const resource = to.get(name);
    if (resource !== undefined && resource.version !== held) upserts.push(resource);
    else if (resource === undefined && held !== undefined) removed.push(name);
  }
  return { upserts: upserts.sort((a, b) => (a.name < b.name ? -1 : 1)), removed: removed.sort() };
}

function diffVersions(from: ReadonlyMap<ResourceName, ResourceVersion | undefined>, to: Table): Delta {
  const upserts: Resource[] = [];
  let kept = 0;
  for (const resource of to) {
    const held = from.get(resource.name);
    if (held !== undefined) kept++;
    if (held !== resource.version) upserts.push(resource);
  }
  const removed = kept === from.size ? [] : [...from.keys()].filter((name) => to.get(name) === undefined).sort();
  return { upserts, removed };
}

/** A place in a table's chunks. */
class Cursor {
  readonly #chunks: readonly Chunk[];
  #index = 0;
  #offset = 0;

  constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks;
  }

  get chunk(): Chunk | undefined {
    return this.#chunks[this.#index];
  }

  get atStart(): boolean {
    return this.#offset === 0;
  }

  get current(): Resource | undefined {
    return this.chunk?.[this.#offset];
  }

  next(): void {
    this.#offset++;
    if (this.#offset === this.chunk!.length) this.skipChunk();
  }

  skipChunk(): void {
    this.#index++;
    this.#offset = 0;
  }
}
