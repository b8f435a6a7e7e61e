import type { ResourceName } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { Claim } from "../snapshot/claim.ts";
import type { Held } from "../snapshot/delta.ts";
import { Table } from "../snapshot/table.ts";

/** Which resources of a feed a sink wants: all of them, or those that it names. Names stay known while all are wanted. */
export interface Interest {
  readonly all: boolean;
  readonly names: ReadonlySet<ResourceName>;
}

/** How an interest changes: to what it is from now on, or by what comes and goes. */
export type InterestChange =
  | { readonly kind: "set"; readonly interest: Interest }
  | { readonly kind: "edit"; readonly add: Interest; readonly drop: Interest };

/** What a change leads to. */
export interface Changed {
  readonly interest: Interest;
  /** Names that the sink must be told of now, whatever it was told before. */
  readonly asked: ReadonlySet<ResourceName>;
  /** Whether anything was asked for, all resources included. */
  readonly wantsMore: boolean;
}

export const noNames: ReadonlySet<never> = new Set();

/** Every resource: what MCP sinks always want. */
export const everything: Interest = { all: true, names: noNames };

/** Nothing at all. */
export const nothing: Interest = { all: false, names: noNames };

/** The part of a content that a sink wants; the content itself when that is all of it. */
export function select({ all, names }: Interest, content: Table): Table {
  if (all) return content;
  const wanted: Resource[] = [];
  for (const name of names) {
    const resource = content.get(name);
    if (resource !== undefined) wanted.push(resource);
  }
  return wanted.length === content.size ? content : Table.of(wanted);
}

/** The part of what a sink holds that it still wants. */
export function within(interest: Interest, held: Held | undefined): Held | undefined {
  if (held === undefined || interest.all) return held;
  if (held instanceof Table) return select(interest, held);
  if (held instanceof Claim) return held.within(select(interest, held.base), (name) => interest.names.has(name));
  return new Map([...held].filter(([name]) => interest.names.has(name)));
}

/** Those of some names that a sink wants; the very set when it wants all of them. */
export function wanted(interest: Interest, names: ReadonlySet<ResourceName>): ReadonlySet<ResourceName> {
  if (interest.all || names.size === 0) return names;
  const those = new Set([...names].filter((name) => interest.names.has(name)));
  return those.size === names.size ? names : those;
}

/** The names that a sink does not hold; the very set when it holds none of them. */
export function unheld(names: ReadonlySet<ResourceName>, held: Held | undefined): ReadonlySet<ResourceName> {
  if (held === undefined || names.size === 0) return names;
  const those = new Set([...names].filter((name) => held.get(name) === undefined));
  return those.size === names.size ? names : those;
}

/** Applies a change; `undefined` when it changes nothing and asks for nothing. */
export function change(before: Interest, how: InterestChange): Changed | undefined {
  return how.kind === "set" ? replace(before, how.interest) : edit(before, how.add, how.drop);
}

function replace(before: Interest, interest: Interest): Changed | undefined {
  const asked = without(interest.names, before.names);
  const wantsMore = asked.size > 0 || (interest.all && !before.all);
  const same = !wantsMore && interest.all === before.all && interest.names.size === before.names.size;
  return same ? undefined : { interest, asked, wantsMore };
}

/** A name that is both added and dropped is dropped: it was listed as not wanted any more. */
function edit(before: Interest, add: Interest, drop: Interest): Changed | undefined {
  const all = (before.all || add.all) && !drop.all;
  const asked = new Set(without(add.names, drop.names));
  const names = new Set(before.names);
  for (const name of asked) names.add(name);
  let dropped = false;
  for (const name of drop.names) {
    if (!names.delete(name)) continue;
    dropped = true;
    // The sink may have let go of it, but still wants it as one of all: it is told anew.
    if (all) asked.add(name);
  }
  const wantsMore = asked.size > 0 || (add.all && all);
  if (!wantsMore && !dropped && all === before.all) return undefined;
  return { interest: { all, names }, asked, wantsMore };
}

/** The names that are not among those. */
export function without(names: ReadonlySet<ResourceName>, those: ReadonlySet<ResourceName>): ReadonlySet<ResourceName> {
  if (names.size === 0 || those.size === 0) return names;
  return new Set([...names].filter((name) => !those.has(name)));
}
