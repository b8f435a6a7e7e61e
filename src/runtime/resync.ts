import { unreachable } from "../lib/unreachable.ts";
import type { Collection, ResourceName } from "../model/names.ts";
import type { Resource, ResourceKey } from "../model/resource.ts";
import type { SourceBatch } from "../sources/source.ts";

/** What a source that was started anew has come to, against what it gave before. */
export interface Resynced {
  /** All that it gives, changed or not. */
  readonly upserts: readonly Resource[];
  /** What it gave before and no longer does. */
  readonly deletes: readonly ResourceKey[];
  /** How many pieces of news that was. */
  readonly events: number;
  /** The scopes that it has spoken of; of any other it knows no problem. */
  readonly scopes: ReadonlySet<string>;
}

/**
 * What a source says of its content from its restart until it is synced. All of it counts at once, and only then: until then it
 * can't be told what is gone from what is still to be said, nor whether what was said belongs together.
 */
export class Resync {
  readonly #content = new Map<Collection, Map<ResourceName, Resource>>();
  readonly #scopes = new Set<string>();
  #events = 0;

  /** Hears what the source says; whether that is content, and is to be kept from everybody else for now. */
  keeps(batch: SourceBatch): boolean {
    switch (batch.kind) {
      case "replace":
        this.#content.delete(batch.collection);
        this.#put(batch.resources);
        return true;
      case "patch":
        for (const { collection, name } of batch.deletes) this.#content.get(collection)?.delete(name);
        this.#events += batch.deletes.length;
        this.#put(batch.upserts);
        return true;
      case "problems":
        this.#scopes.add(batch.scope);
        return false;
      case "synced":
      case "degraded":
      case "recovered":
      case "progress":
        return false;
      default:
        return unreachable(batch);
    }
  }

  /** All that was said, now that the source is synced. @param given what the source gave before it was started anew */
  end(given: Iterable<ResourceKey>): Resynced {
    const deletes: ResourceKey[] = [];
    for (const { collection, name } of given) {
      if (this.#content.get(collection)?.has(name) !== true) deletes.push({ collection, name });
    }
    const upserts: Resource[] = [];
    for (const resources of this.#content.values()) for (const resource of resources.values()) upserts.push(resource);
    return { upserts, deletes, events: this.#events + deletes.length, scopes: this.#scopes };
  }

  #put(resources: readonly Resource[]): void {
    this.#events += resources.length;
    for (const resource of resources) {
      const { collection, name } = resource;
      let inCollection = this.#content.get(collection);
      if (inCollection === undefined) this.#content.set(collection, (inCollection = new Map()));
      inCollection.set(name, resource);
    }
  }
}
