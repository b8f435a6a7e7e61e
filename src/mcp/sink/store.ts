import type { Change, SinkResource } from "./change.ts";

/** What a change did to one resource. */
export interface Effect {
  readonly kind: "added" | "updated" | "deleted";
  readonly name: string;
  /** What it is now; for a deletion what it was. */
  readonly resource: SinkResource;
}

/** The newest content of every collection, full and incremental changes merged. Pass `store.apply` as a sink's `apply`. */
export class InMemoryStore {
  readonly #collections = new Map<string, Map<string, SinkResource>>();

  /** The content of a collection by name; `undefined` before its first change. */
  get(collection: string): ReadonlyMap<string, SinkResource> | undefined {
    return this.#collections.get(collection);
  }

  /** Collections that have had a change. */
  get collections(): readonly string[] {
    return [...this.#collections.keys()];
  }

  /** Merges a change and returns what it did, in the change's order, deletions last. */
  readonly apply = (change: Change): readonly Effect[] => {
    const before = this.#collections.get(change.collection) ?? new Map<string, SinkResource>();
    const after = change.incremental ? before : new Map<string, SinkResource>();
    const effects: Effect[] = [];
    for (const resource of change.resources) {
      const known = before.get(resource.name);
      if (known === undefined) effects.push({ kind: "added", name: resource.name, resource });
      else if (known.version !== resource.version) effects.push({ kind: "updated", name: resource.name, resource });
    }
    for (const resource of change.resources) after.set(resource.name, resource);
    const gone = change.incremental ? change.removed : [...before.keys()].filter((name) => !after.has(name));
    for (const name of gone) {
      const resource = before.get(name);
      if (resource !== undefined) effects.push({ kind: "deleted", name, resource });
      after.delete(name);
    }
    this.#collections.set(change.collection, after);
    return effects;
  };
}
