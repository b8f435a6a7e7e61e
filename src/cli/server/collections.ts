import type { CollectionRegistry } from "../../model/collections.ts";
import { istioCollections } from "../../model/registry.ts";

/** The collections of this process. */
export interface Collections {
  /** All there could be. */
  readonly known: CollectionRegistry;
  /** Those that are read and served. */
  readonly served: CollectionRegistry;
  /** Excluded kinds that feed no collection: probably spelled wrong. */
  readonly unknownKinds: readonly string[];
}

/** Leaves out the collections of excluded kinds, as `--excludedResourceKinds` names them. */
export function collectionsWithout(excludedKinds: readonly string[]): Collections {
  const known = istioCollections();
  const excluded = new Set(excludedKinds);
  const kinds = new Set(known.all.map((spec) => spec.kind));
  return {
    known,
    served: known.without((spec) => !spec.generated && excluded.has(spec.kind)),
    unknownKinds: excludedKinds.filter((kind) => !kinds.has(kind)),
  };
}
