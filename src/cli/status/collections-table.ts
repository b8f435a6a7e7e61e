import type { CollectionRegistry } from "../../model/collections.ts";
import { table } from "../terminal/table.ts";
import { fit } from "../terminal/width.ts";
import { shortName } from "./collection-name.ts";
import type { Fields } from "./fields.ts";
import type { View } from "./view.ts";

/** Enough of a version to tell it from others, where there is little room. */
const versionCells = 13;

/** Collections as the topic `status` lists them. */
export function collectionsTable(
  collections: readonly Fields[],
  registry: CollectionRegistry,
  { paint, width }: View,
): string {
  const rows = collections.map((collection) => {
    const [sinks, synced, refused] = [
      collection.number("sinks"),
      collection.number("synced"),
      collection.number("refused"),
    ];
    const numbers = [collection.number("count"), sinks, sinks - synced - refused, refused].map(String);
    const version = Number.isFinite(width) ? fit(collection.text("version"), versionCells) : collection.text("version");
    return [shortName(collection.text("collection"), registry), ...numbers, version];
  });
  return table(rows, {
    header: ["COLLECTION", "RESOURCES", "SINKS", "BEHIND", "REFUSED", "VERSION"],
    width,
    right: [1, 2, 3, 4],
    paint(cell, row, column) {
      if (row < 0) return paint.bold(cell);
      if (cell === "0") return paint.dim(cell);
      if (column === 4) return paint.red(cell);
      return column === 3 ? paint.yellow(cell) : cell;
    },
  });
}

/** Whether a collection holds something or somebody asks for it; the others are dozens, and say nothing. */
export function isInUse(collection: Fields): boolean {
  return collection.number("count") > 0 || collection.number("sinks") > 0;
}

/** Whether a collection holds something, or a sink lacks what it holds: sinks ask for dozens that are always empty. */
export function isOfNote(collection: Fields): boolean {
  return collection.number("count") > 0 || collection.number("synced") < collection.number("sinks");
}
