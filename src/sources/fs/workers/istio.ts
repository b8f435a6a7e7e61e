import { decodeDocument } from "../../../model/decode.ts";
import { istioCollections } from "../../../model/registry.ts";
import type { Decode } from "../options.ts";

/**
 * The decoder of Istio's kinds for some of the collections, by name; other known kinds are passed over without a word.
 */
export function createDecode(served: readonly string[]): Decode {
  const known = istioCollections();
  const names = new Set(served);
  const registry = known.without((spec) => !names.has(spec.name));
  return (doc, origin, store) => decodeDocument(doc, registry, origin, { known, store });
}
