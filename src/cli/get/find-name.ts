import { suggest } from "../../lib/suggest.ts";

/** What a word means among the names of a collection. */
export type NameFound =
  | { readonly kind: "found"; readonly name: string }
  /** No name is meant, or more than one; `near` are some that may have been. */
  | { readonly kind: "none" | "several"; readonly near: readonly string[] };

const MOST_NEAR = 5;

/**
 * Finds the resource that a word means: its whole name, or the part after the namespace where only one has it. Otherwise
 * tells what is near: the same name in a different namespace, or a name with a slip of the finger.
 */
export function findName(word: string, names: readonly string[]): NameFound {
  if (names.includes(word)) return { kind: "found", name: word };
  const wanted = baseName(word);
  const namesakes = names.filter((name) => baseName(name) === wanted);
  if (!word.includes("/") && namesakes.length === 1) return { kind: "found", name: namesakes[0]! };
  if (!word.includes("/") && namesakes.length > 1) return { kind: "several", near: namesakes.slice(0, MOST_NEAR) };
  if (namesakes.length > 0) return { kind: "none", near: namesakes.slice(0, MOST_NEAR) };
  const whole = suggest(word, names);
  if (whole !== undefined) return { kind: "none", near: [whole] };
  const base = suggest(wanted, new Set(names.map(baseName)));
  return { kind: "none", near: names.filter((name) => baseName(name) === base).slice(0, MOST_NEAR) };
}

function baseName(name: string): string {
  return name.slice(name.indexOf("/") + 1);
}
