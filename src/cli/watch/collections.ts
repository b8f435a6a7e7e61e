import type { CollectionRegistry, CollectionSpec } from "../../model/collections.ts";
import type { KindOf } from "./printer.ts";
import { kindShortFor } from "./short-names.ts";

/** Collections that a word on the command line means, or why it means none. */
export type Meant =
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: false; readonly candidates: readonly string[] };

/** What is watched when nothing is named: everything that a server answers without special settings. */
export function defaultCollections(registry: CollectionRegistry): readonly string[] {
  return registry.all
    .filter((spec) => !spec.excludedByDefault && spec.snapshotGroup === "default")
    .map((spec) => spec.name);
}

/**
 * Finds collections by their whole name, the end of it (`gateways`, `v1alpha3/gateways`), their kind (`VirtualService`, any
 * case) or what kubectl calls it in short (`vs`), or a prefix that ends in a slash (`istio/networking/`). A word that means several without being a prefix is
 * ambiguous. Names that this release does not know are passed on whole: the server may.
 */
export function findCollections(word: string, registry: CollectionRegistry): Meant {
  const { all } = registry;
  if (registry.get(word) !== undefined) return { ok: true, names: [word] };
  if (word.endsWith("/")) {
    const names = all.filter((spec) => spec.name.startsWith(word)).map((spec) => spec.name);
    return names.length > 0 ? { ok: true, names } : { ok: false, candidates: [] };
  }
  const sought = (kindShortFor(word) ?? word).toLowerCase();
  const meant = all.filter((spec) => means(sought, spec));
  const read = meant.filter((spec) => !spec.generated);
  // What Galley makes by itself shares its words with what it is made from, which is what people mean by them.
  const found = read.length > 0 ? read : meant;
  if (found.length === 1) return { ok: true, names: [found[0]!.name] };
  if (found.length === 0 && word.split("/").length > 2) return { ok: true, names: [word] };
  return { ok: false, candidates: found.map((spec) => spec.name) };
}

function means(word: string, spec: CollectionSpec): boolean {
  if (word === "") return false; // the kind of what no kind feeds
  const name = spec.name.toLowerCase();
  return name.endsWith(`/${word}`) || spec.kind.toLowerCase() === word;
}

/** How documents of collections begin; those of unknown ones are told by their body alone. */
export function kindOfCollection(registry: CollectionRegistry): KindOf {
  return (collection, bodyTypeUrl) => {
    const spec = registry.get(collection);
    const version = spec?.versions[0] ?? "v1";
    return {
      apiVersion: spec?.group ? `${spec.group}/${version}` : version,
      kind: spec?.kind || (bodyTypeUrl.split(".").at(-1) ?? ""),
    };
  };
}
