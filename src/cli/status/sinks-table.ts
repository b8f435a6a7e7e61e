import type { CollectionRegistry } from "../../model/collections.ts";
import { fit } from "../terminal/width.ts";
import { codeName } from "./code-name.ts";
import { shortName } from "./collection-name.ts";
import type { Fields } from "./fields.ts";
import { age, type View } from "./view.ts";
import { wrappedTable } from "./wrapped-table.ts";

const widestSinkId = 40;
const stateColours = { refused: "red", behind: "yellow", idle: "yellow", synced: "green" } as const;

/** Sinks as the topic `status/sinks` lists them. */
export function sinksTable(
  sinks: readonly Fields[],
  registry: CollectionRegistry,
  { paint, width, now }: View,
): string {
  const rows = sinks.map((sink) => [
    String(sink.number("id")),
    fit(sink.text("sinkId") || "-", widestSinkId),
    sink.text("peer"),
    sink.text("protocol"),
    age(sink.moment("since"), now),
    isIdle(sink) ? "idle" : sink.text("state"),
    `${sink.number("synced")}/${sink.number("subscribed")}`,
    why(sink, registry, now),
  ]);
  const header = ["ID", "SINK", "PEER", "BY", "AGE", "STATE", "SYNCED", rows.some((row) => row[7] !== "") ? "WHY" : ""];
  return wrappedTable(rows, { header, width, right: [0, 6], paint: paintCell });

  function paintCell(cell: string, row: number, column: number): string {
    if (row < 0) return paint.bold(cell);
    if (column !== 5 || !Object.hasOwn(stateColours, cell)) return cell;
    return paint[stateColours[cell as keyof typeof stateColours]](cell);
  }
}

/** Nothing is due to a sink that has asked for nothing, but it has nothing either. */
function isIdle(sink: Fields): boolean {
  return sink.number("subscribed") === 0;
}

/** Where it is worst, and how much else there is. */
function why(sink: Fields, registry: CollectionRegistry, now: number): string {
  if (isIdle(sink)) return "no subscription yet";
  if (!sink.has("worst")) return "";
  const worst = sink.object("worst");
  const others = sink.number("subscribed") - sink.number("synced") - 1;
  const name = shortName(worst.text("collection"), registry);
  return `${name}: ${troubleOf(worst, now)}${others > 0 ? ` (and ${others} more)` : ""}`;
}

function troubleOf(holding: Fields, now: number): string {
  const nacked = holding.object("nacked");
  if (holding.has("nacked")) {
    const told = nacked.text("message");
    return `refused ${age(nacked.moment("at"), now)} ago with ${codeName(nacked.number("code"))}${told === "" ? "" : `: ${told}`}`;
  }
  const awaiting = holding.moment("awaitingSince");
  return awaiting === undefined ? "not sent yet" : `sent ${age(awaiting, now)} ago, not answered yet`;
}
