/** `galley`: the sink, the errors, and what is known of collections. */
export { type ErrorCode, errorTable, GalleyError } from "../lib/errors.ts";
export { CollectionRegistry, type CollectionSpec } from "../model/collections.ts";
export type { Collection } from "../model/names.ts";
export { istioCollections } from "../model/registry.ts";
export * from "./sink.ts";
