import { moment } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { sortedListing } from "../listing.ts";
import type { Entry } from "../listing.ts";
import { list } from "../topic.ts";
import type { Topic } from "../topic.ts";

/** What a published snapshot changed in one collection. */
interface CollectionChangeView {
  readonly collection: string;
  /** Versions of the collection; `before` is `0` for one that had nothing. */
  readonly before: string;
  readonly after: string;
  readonly added: number;
  readonly updated: number;
  readonly deleted: number;
  /** Some of the resources meant. */
  readonly names: readonly { readonly name: string; readonly change: "added" | "updated" | "deleted" }[];
}

/** A published snapshot. */
export interface ChangeView {
  /** Counts from 1 as long as the process lives. */
  readonly id: number;
  /** Wall clock milliseconds. */
  readonly at: number;
  readonly collections: readonly CollectionChangeView[];
}

/** @param changes those that are still known, oldest first; asked for anew at each question */
export function changesTopic(changes: () => readonly ChangeView[]): Topic {
  return {
    name: "changes",
    summary: "What the last snapshots changed, newest first.",
    read: () => list(sortedListing(changes().map(entry).reverse())),
  };
}

function entry({ id, at, collections }: ChangeView): Entry {
  return { key: newestFirst(id), show: () => ({ id, at: moment(at), collections: collections.map(showCollection) }) };
}

function showCollection(change: CollectionChangeView): JsonObject {
  const { collection, before, after, added, updated, deleted, names } = change;
  return {
    collection,
    before,
    after,
    added,
    updated,
    deleted,
    names: names.map(({ name, change: kind }) => ({ name, change: kind })),
  };
}

// Sixteen digits each, so that a greater id comes earlier in the order of texts.
function newestFirst(id: number): string {
  return String(Number.MAX_SAFE_INTEGER - id);
}
