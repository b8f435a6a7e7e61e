import type { Collection, ResourceName } from "../model/names.ts";
import type { Resource, ResourceKey } from "../model/resource.ts";
import { type Change, Table } from "../snapshot/table.ts";

/** Collections that have other content than before. */
export type ChangeSet = ReadonlySet<Collection>;

/**
 * All resources that sources gave, by collection. What two sources say under one name is the earlier source's; the other's
 * takes its place when that goes. Costs O(changed).
 */
export class State {
  readonly #sources: readonly string[];
  readonly #given = new Map<string, Map<Collection, Table>>();
  readonly #merged = new Map<Collection, Table>();
  readonly #deletions = new Map<string, number>();

  /**
   * @param sources names in order of precedence
   * @param collections what there is from the start, if only empty
   */
  constructor(sources: readonly string[], collections: readonly Collection[]) {
    this.#sources = sources;
    for (const source of sources) this.#given.set(source, new Map());
    for (const collection of collections) this.#merged.set(collection, Table.empty);
  }

  /** The content now. A live view: copy it to keep it. */
  get tables(): ReadonlyMap<Collection, Table> {
    return this.#merged;
  }

  /** What one source gave to a collection. */
  given(source: string, collection: Collection): Table {
    return this.#given.get(source)?.get(collection) ?? Table.empty;
  }

  /** How many resources a source gives. */
  size(source: string): number {
    let size = 0;
    for (const table of this.#given.get(source)?.values() ?? []) size += table.size;
    return size;
  }

  /** How many resources a source has ever taken back. */
  deletions(source: string): number {
    return this.#deletions.get(source) ?? 0;
  }

  /** Takes in additions, changes and deletions of one source. */
  patch(source: string, upserts: readonly Resource[], deletes: readonly ResourceKey[]): ChangeSet {
    const byCollection = new Map<Collection, Change[]>();
    const changesOf = (collection: Collection): Change[] => {
      let changes = byCollection.get(collection);
      if (changes === undefined) byCollection.set(collection, (changes = []));
      return changes;
    };
    for (const { collection, name } of deletes) changesOf(collection).push({ name, resource: undefined });
    for (const resource of upserts) changesOf(resource.collection).push({ name: resource.name, resource });
    const changed = new Set<Collection>();
    for (const [collection, changes] of byCollection) {
      if (this.#apply(source, collection, changes)) changed.add(collection);
    }
    return changed;
  }

  /** Takes in one collection of a source whole: what it does not name is gone. */
  replace(source: string, collection: Collection, resources: readonly Resource[]): ChangeSet {
    const names = new Set<ResourceName>(resources.map((resource) => resource.name));
    const changes: Change[] = resources.map((resource) => ({ name: resource.name, resource }));
    for (const { name } of this.given(source, collection)) {
      if (!names.has(name)) changes.push({ name, resource: undefined });
    }
    return this.#apply(source, collection, changes) ? new Set([collection]) : new Set();
  }

  /** Every key that a source gave. */
  *keys(source: string): IterableIterator<ResourceKey> {
    for (const [collection, table] of this.#given.get(source) ?? []) {
      for (const { name } of table) yield { collection, name };
    }
  }

  #apply(source: string, collection: Collection, changes: readonly Change[]): boolean {
    const last = this.given(source, collection);
    const given = last.with(changes);
    this.#given.get(source)!.set(collection, given);
    const gone = countGone(changes, last, given);
    if (gone > 0) this.#deletions.set(source, this.deletions(source) + gone);
    const before = this.#merged.get(collection) ?? Table.empty;
    // Where no other source has a say, as is usual, what this one gave is all there is.
    const after = this.#isAlone(source, collection)
      ? given
      : before.with(changes.map(({ name }) => ({ name, resource: this.#winner(collection, name) })));
    this.#merged.set(collection, after);
    return after.version !== before.version;
  }

  #isAlone(source: string, collection: Collection): boolean {
    return this.#sources.every((other) => other === source || this.given(other, collection).size === 0);
  }

  #winner(collection: Collection, name: ResourceName): Resource | undefined {
    for (const source of this.#sources) {
      const resource = this.given(source, collection).get(name);
      if (resource !== undefined) return resource;
    }
    return undefined;
  }
}

// A function of its own: V8 enters a loop that it once compiled for very many changes again, and throws it away at whatever follows.
/** How many of the changes took away what there was. */
function countGone(changes: readonly Change[], last: Table, given: Table): number {
  let gone = 0;
  for (const { name, resource } of changes) {
    if (resource === undefined && last.get(name) !== undefined && given.get(name) === undefined) gone++;
  }
  return gone;
}
