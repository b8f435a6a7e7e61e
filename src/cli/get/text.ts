import type { CollectionRegistry } from "../../model/collections.ts";
import { shortName } from "../status/collection-name.ts";
import type { Fields } from "../status/fields.ts";
import type { Colours } from "../terminal/colours.ts";
import { table } from "../terminal/table.ts";
import { documentText } from "./document.ts";

/** A resource as a list knows it. */
export interface Named {
  readonly collection: string;
  readonly item: Fields;
}

/** Names and versions, and the collection of each where there are several; the origin where that is known. */
export function namesTable(
  named: readonly Named[],
  registry: CollectionRegistry,
  layout: { readonly paint: Colours; readonly width: number },
): string {
  const isMixed = named.some(({ collection }) => collection !== named[0]?.collection);
  const hasOrigin = named.some(({ item }) => item.has("origin"));
  const header = [...(isMixed ? ["COLLECTION"] : []), "NAME", "VERSION", ...(hasOrigin ? ["ORIGIN"] : [])];
  const rows = named.map(({ collection, item }) => [
    ...(isMixed ? [shortName(collection, registry)] : []),
    item.text("name"),
    item.text("version"),
    ...(hasOrigin ? [item.text("origin")] : []),
  ]);
  const { paint, width } = layout;
  return table(rows, { header, width, paint: (cell, row) => (row < 0 ? paint.bold(cell) : cell) });
}

/** One resource for a program or an editor: a YAML document of its own, or a line of JSON. */
export function resourceText(form: "yaml" | "json", resource: Fields, registry: CollectionRegistry): string {
  if (form === "json") return `${JSON.stringify(resource.raw)}\n`;
  return `---\n${documentText(resource, registry)}`;
}
