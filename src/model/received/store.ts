import { type Change, topicOf, type XdsChange } from "./change.ts";
import type { HeldVersions } from "./held.ts";
import type { ReceivedResource } from "./resource.ts";

/** What a change did to one resource. */
export interface Effect {
  readonly kind: "added" | "updated" | "deleted";
  readonly name: string;
  /** What it is now; for a deletion what it was. */
  readonly resource: ReceivedResource;
}

/**
 * The newest content of every topic, which is a collection of MCP or a type URL of xDS, with full and incremental changes
 * merged. `store.apply` may be the `apply` of a sink or of a client.
 */
export class InMemoryStore {
  readonly #topics = new Map<string, Map<string, ReceivedResource>>();

  /** The content of a topic by name; `undefined` before its first change. Changes under its reader as it is updated. */
  get(topic: string): ReadonlyMap<string, ReceivedResource> | undefined {
    return this.#topics.get(topic);
  }

  /** Topics that have had a change. */
  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  /** Names and versions of all that is stored: what a sink or a client that begins anew can resume from. */
  get versions(): HeldVersions {
    const versions = new Map<string, ReadonlyMap<string, string>>();
    for (const [topic, resources] of this.#topics) {
      versions.set(topic, new Map([...resources].map(([name, { version }]) => [name, version])));
    }
    return versions;
  }

  /** Merges a change and returns what it did, in the change's order, deletions last. */
  readonly apply = (change: Change | XdsChange): readonly Effect[] => {
    const effects: Effect[] = [];
    const topic = topicOf(change);
    const before = this.#topics.get(topic) ?? new Map<string, ReceivedResource>();
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
      this.#topics.set(topic, before);
      return effects;
    }
    for (const [name, resource] of before) if (!upserts.has(name)) effects.push({ kind: "deleted", name, resource });
    this.#topics.set(topic, upserts);
    return effects;
  };
}
