import { damageIn } from "../../lib/yaml/damage.ts";
import type { YamlFault } from "../../lib/yaml/fault.ts";
import type { YamlDocument } from "../../lib/yaml/split.ts";

/** A document that may be damaged. */
export interface Piece extends YamlDocument {
  readonly damage?: YamlFault | undefined;
}

/**
 * The documents of a damaged text, with what is wrong with each. Damage that is in none of them counts as a document of its
 * own: it may be all that is left of one, as where a file was cut off within the comment at its head.
 */
export function* withDamage(text: string, documents: Iterable<YamlDocument>): Generator<Piece, undefined> {
  let isFound = false;
  for (const document of documents) {
    const damage = damageIn(document.text);
    if (damage !== undefined) isFound = true;
    yield { ...document, damage };
  }
  if (!isFound) yield { text, offset: 0, line: 1, damage: damageIn(text) };
}
