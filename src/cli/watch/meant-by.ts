import { GalleyError } from "../../lib/errors.ts";
import { suggest } from "../../lib/suggest.ts";
import type { Meant } from "./collections.ts";
import type { Noun } from "./printer.ts";

/**
 * What a word of the command line was found to mean.
 * @param words what it may be mistyped from
 * @throws GalleyError `GLY_ARGUMENT` when it means nothing, or several things
 */
export function meantBy(word: string, noun: Noun, meant: Meant, words: readonly string[]): readonly string[] {
  if (meant.ok) return meant.names;
  if (meant.candidates.length > 0) {
    throw new GalleyError("GLY_ARGUMENT", `${JSON.stringify(word)} may be ${meant.candidates.join(" or ")}`);
  }
  const near = suggest(word, words);
  throw new GalleyError("GLY_ARGUMENT", `${JSON.stringify(word)} is no ${noun}`, {
    hint: near === undefined ? listing[noun] : `did you mean ${near}?`,
  });
}

const listing: Readonly<Record<Noun, string>> = {
  collection: "`galley status collections` lists those of a server",
  type: "name a kind (VirtualService), or a type URL in full (networking.istio.io/v1/VirtualService)",
};
