import type { Change, SinkResource } from "./change.ts";
import type { HeldVersions } from "./subscriptions.ts";

/** What a change did to one resource. */
export interface Effect {
  readonly kind: "added" | "updated" | "deleted";
  readonly name: string;
  /** What it is now; for a deletion what it was. */
  readonly resource: SinkResource;
}

/** The newest content of every collection, full and incremental changes merged. `store.apply` may be a sink's `apply`. */
export class InMemoryStore {
  readonly #collections = new Map<string, Map<string, SinkResource>>();

  /** The content of a collection by name; `undefined` before its first change. Changes under its reader as it is updated. */
  get(collection: string): ReadonlyMap<string, SinkResource> | undefined {
    return this.#collections.get(collection);
  }

  /** Collections that have had a change. */
  get collections(): readonly string[] {
    return [...this.#collections.keys()];
  }

  /** Names and versions of all that is stored: what a sink that begins anew can resume from. */
  get versions(): HeldVersions {
    const versions = new Map<string, ReadonlyMap<string, string>>();
    for (const [collection, resources] of this.#collections) {
      versions.set(collection, new Map([...resources].map(([name, { version }]) => [name, version])));
    }
    return versions;
  }

  /** Merges a change and returns what it did, in the change's order, deletions last. */
  readonly apply = (change: Change): readonly Effect[] => {
    const effects: Effect[] = [];
    const before = this.#collections.get(change.collection) ?? new Map<string, SinkResource>();
    // Of two resources with one name the later one counts.
    const upserts = new Map(change.resources.map((resource) => [resource.name, resource]));
    for (const [name, resource] of upserts) {
      const known = before.get(name);
      if (known === undefined) effects.push({ kind: "added", name, resource });
      else if (known.version !== resource.version) effects.push({ kind: "updated", name, resource });
    }
    if (change.incremental) {
      for (const [name, resource] of upserts) before.set(name, resource);
      for (const name of change.removed) {
        const resource = before.get(name);
        if (before.delete(name)) effects.push({ kind: "deleted", name, resource: resource! });
      }
      this.#collections.set(change.collection, before);
      return effects;
    }
    for (const [name, resource] of before) if (!upserts.has(name)) effects.push({ kind: "deleted", name, resource });
    this.#collections.set(change.collection, upserts);
    return effects;
  };
}
