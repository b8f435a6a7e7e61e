import type { ReceivedChange } from "./change.ts";

/** Names and versions of what is held, by what was asked for: a collection, or a type URL. */
export type HeldVersions = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Has what is held be what it is after a change that was taken in. */
export function hold(held: Map<string, string>, { incremental, resources, removed }: ReceivedChange): void {
  if (!incremental) held.clear();
  for (const { name, version } of resources) held.set(name, version);
  for (const name of removed) held.delete(name);
}
