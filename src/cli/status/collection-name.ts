import type { CollectionRegistry } from "../../model/collections.ts";
import { findCollections } from "../watch/collections.ts";

/** The shortest name of a collection that `galley get` and `galley watch` take for it: `gateways`, where that is clear. */
export function shortName(collection: string, registry: CollectionRegistry): string {
  const word = collection.slice(collection.lastIndexOf("/") + 1);
  const meant = findCollections(word, registry);
  return meant.ok && meant.names[0] === collection ? word : collection;
}
