import type { Interest, InterestChange } from "../../../src/distribution/interest.ts";
import type { ResourceName } from "../../../src/model/names.ts";

/** What a client wants, in plain values. */
export interface Wish {
  readonly all: boolean;
  readonly names: ReadonlySet<string>;
}

/** How it comes to want something else: what comes and what goes, which wins. */
export interface Edit {
  readonly add: Wish;
  readonly drop: Wish;
}

export function isWanted({ all, names }: Wish, name: string): boolean {
  return all || names.has(name);
}

/** What somebody holds, or is sent: versions by name. */
export type Content = ReadonlyMap<string, string>;

/** A push, in plain values: everything, or what changed. */
export interface PlainPush {
  readonly kind: "full" | "delta";
  readonly nonce: string;
  readonly upserts: Content;
  readonly removed: readonly string[];
}

/** Content as one text that is equal for equal content. */
export function textOf(content: Content): string {
  return [...content]
    .map(([name, version]) => `${name}@${version}`)
    .sort()
    .join(" ");
}

/** The part of a content that is wanted. */
export function wantedOf(wish: Wish, content: Content): Content {
  return new Map([...content].filter(([name]) => isWanted(wish, name)));
}

/** The wish after an edit. */
export function edited(before: Wish, { add, drop }: Edit): Wish {
  const names = new Set([...before.names, ...add.names]);
  for (const name of drop.names) names.delete(name);
  return { all: (before.all || add.all) && !drop.all, names };
}

/** The wish as the machine is told of it. */
export function asInterest({ all, names }: Wish): Interest {
  return { all, names: names as ReadonlySet<ResourceName> };
}

/** The edit as the machine is told of it. */
export function asChange({ add, drop }: Edit): InterestChange {
  return { kind: "edit", add: asInterest(add), drop: asInterest(drop) };
}
