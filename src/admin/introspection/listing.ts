import type { Json } from "./json.ts";

/** One entry of a list. Only the entries of the page that was asked for are ever shown. */
export interface Entry {
  /** What entries are ordered by and a page goes on from: the same for the same thing, and no two alike. */
  readonly key: string;
  show(): Json;
}

/** A list that can be entered anywhere, so that a page costs what it holds and not what the list holds. */
export interface Listing {
  readonly count: number;
  /** The entries past the key `after`, in the order of their keys; all of them without one. */
  from(after: string | undefined): Iterable<Entry>;
}

/** One page of a list. */
export interface Page {
  readonly items: readonly Entry[];
  /** Key of the last item when more follow. */
  readonly next: string | undefined;
}

/** A list of few entries, in any order. */
export function listingOf(entries: Iterable<Entry>): Listing {
  return sortedListing([...entries].sort(byKey));
}

/** A list whose entries are in the order of their keys already. */
export function sortedListing(entries: readonly Entry[]): Listing {
  return {
    count: entries.length,
    *from(after) {
      const begin = after === undefined ? 0 : lowestIndex(entries.length, (i) => entries[i]!.key > after);
      for (let i = begin; i < entries.length; i++) yield entries[i]!;
    },
  };
}

/** Cuts out a page. It goes on from a key, not from a position: nothing is told twice when the list changes meanwhile. */
export function cutPage(listing: Listing, after: string | undefined, limit: number): Page {
  const items: Entry[] = [];
  for (const entry of listing.from(after)) {
    if (items.length === limit) return { items, next: items.at(-1)!.key };
    items.push(entry);
  }
  return { items, next: undefined };
}

/** The order of keys: that of their UTF-16 code units. */
export function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** The lowest index below `count` for which `holds`, which must hold for all above it too; `count` when there is none. */
export function lowestIndex(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
