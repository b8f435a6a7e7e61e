import type { CollectionRegistry } from "../../model/collections.ts";
import { shortName } from "./collection-name.ts";
import type { Fields } from "./fields.ts";
import { count, type View } from "./view.ts";
import { wrappedTable } from "./wrapped-table.ts";

const signs: Readonly<Record<string, string>> = { added: "+", updated: "~", deleted: "-" };
const versionCharacters = 6;

/** Changes as the topic `changes` lists them, a row for each collection of each. */
export function changesTable(
  changes: readonly Fields[],
  registry: CollectionRegistry,
  { paint, width, now }: View,
): string {
  const rows = changes.flatMap((change) =>
    change
      .list("collections")
      .map((of, index) => [
        index === 0 ? timeOf(change.moment("at"), now) : "",
        shortName(of.text("collection"), registry),
        `${of.text("before").slice(0, versionCharacters)}→${of.text("after").slice(0, versionCharacters)}`,
        sumOf((kind) => of.number(kind)),
        namesOf(of),
      ]),
  );
  return wrappedTable(rows, {
    header: ["TIME", "COLLECTION", "VERSION", "CHANGE", "RESOURCES"],
    width,
    paint: (cell, row) => (row < 0 ? paint.bold(cell) : cell),
  });
}

/** A change in a few words: `gateways +1 ~2`, `+40 -2 in 3 collections`. */
export function summariseChange(change: Fields, registry: CollectionRegistry): string {
  const changed = change.list("collections");
  const sum = sumOf((kind) => changed.reduce((all, of) => all + of.number(kind), 0));
  const [first] = changed;
  if (first === undefined || changed.length > 1) return `${sum} in ${count(changed.length, "collection")}`;
  return `${shortName(first.text("collection"), registry)} ${sum}`;
}

function sumOf(numberOf: (kind: string) => number): string {
  const kinds = Object.entries(signs).filter(([kind]) => numberOf(kind) > 0);
  return kinds.map(([kind, sign]) => `${sign}${numberOf(kind).toLocaleString("en")}`).join(" ");
}

function namesOf(of: Fields): string {
  const names = of.list("names").map((each) => `${signs[each.text("change")] ?? ""}${each.text("name")}`);
  const more = of.number("added") + of.number("updated") + of.number("deleted") - names.length;
  return [...names, ...(more > 0 ? [`… and ${more.toLocaleString("en")} more`] : [])].join(" ");
}

/** The time of today, or the day too; in UTC, as in the log. */
function timeOf(at: number | undefined, now: number): string {
  if (at === undefined) return "";
  const [day, time] = [new Date(at).toISOString().slice(0, 10), new Date(at).toISOString().slice(11, 19)];
  return new Date(now).toISOString().startsWith(day) ? `${time}Z` : `${day} ${time}Z`;
}
