import { GalleyError } from "../../lib/errors.ts";
import { suggest } from "../../lib/suggest.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import { shortName } from "../status/collection-name.ts";
import { findCollections } from "../watch/collections.ts";

/** The collections that a word on the command line means; throws `GalleyError` if that isn't clear. */
export function meantCollections(word: string, registry: CollectionRegistry): readonly string[] {
  const meant = findCollections(word, registry);
  if (meant.ok) return meant.names;
  const quoted = JSON.stringify(word);
  if (meant.candidates.length > 0) {
    throw new GalleyError("GLY_ARGUMENT", `${quoted} may be ${meant.candidates.join(" or ")}`, {
      hint: "name one of them in full",
    });
  }
  const words = registry.all.flatMap((spec) => [shortName(spec.name, registry), spec.kind]);
  const near = suggest(word, words);
  const hint = near === undefined ? "galley status collections --all lists them" : `did you mean ${near}?`;
  throw new GalleyError("GLY_ARGUMENT", `${quoted} is no collection`, { hint });
}
