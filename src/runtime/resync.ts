import type { ResourceKey } from "../model/resource.ts";

/** Finds what is gone when a source starts afresh: all that it gave before and has not said again by the time it is synced. */
export class Resync {
  readonly #left = new Map<string, ResourceKey>();

  constructor(given: Iterable<ResourceKey>) {
    for (const key of given) this.#left.set(id(key), { collection: key.collection, name: key.name });
  }

  said(keys: readonly ResourceKey[]): void {
    for (const key of keys) this.#left.delete(id(key));
  }

  unsaid(): readonly ResourceKey[] {
    return [...this.#left.values()];
  }
}

function id({ collection, name }: ResourceKey): string {
  return `${collection}\0${name}`;
}
