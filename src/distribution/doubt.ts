import type { ResourceName } from "../model/names.ts";
import type { Delta } from "../snapshot/delta.ts";
import type { Table } from "../snapshot/table.ts";
import { noNames } from "./interest.ts";

type Names = ReadonlySet<ResourceName>;

/** A delta that also speaks of the doubted names: of what exists, and of what does not. */
export function speakOf(doubted: Names, delta: Delta, content: Table): Delta {
  if (doubted.size === 0) return delta;
  const upserts = new Map(delta.upserts.map((resource) => [resource.name, resource]));
  const removed = new Set(delta.removed);
  for (const name of doubted) {
    const resource = content.get(name);
    if (resource === undefined) removed.add(name);
    else upserts.set(name, resource);
  }
  return {
    upserts: [...upserts.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    removed: [...removed].sort(),
  };
}

/** All names of all sets; one of them itself where the others are empty. */
export function union(...sets: readonly Names[]): Names {
  const filled = sets.filter((set) => set.size > 0);
  if (filled.length <= 1) return filled[0] ?? noNames;
  const all = new Set<ResourceName>();
  for (const set of filled) for (const name of set) all.add(name);
  return all;
}
