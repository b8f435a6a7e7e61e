import type { CollectionRegistry } from "../../../model/collections.ts";
import { decodeDocument } from "../../../model/decode.ts";
import { istioCollections } from "../../../model/registry.ts";
import type { Decode } from "../options.ts";
import type { Recipe } from "./messages.ts";

/**
 * The decoder of Istio's kinds for some of the collections, by name; other known kinds are passed over without a word.
 *
 * @public called by threads, by the name that a `Recipe` says
 */
export function createDecode(served: readonly string[]): Decode {
  const known = istioCollections();
  const names = new Set(served);
  const registry = known.without((spec) => !names.has(spec.name));
  return (doc, origin, store) => decodeDocument(doc, registry, origin, { known, store });
}

/** How a file source decodes Istio's kinds, here and in other threads. */
export function istioDecoding(served: CollectionRegistry): { readonly decode: Decode; readonly recipe: Recipe } {
  const argument = served.all.map((spec) => spec.name);
  return { decode: createDecode(argument), recipe: { module: import.meta.url, argument } };
}
