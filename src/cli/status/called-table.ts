import { formatAge } from "../watch/age.ts";
import { codeName } from "./code-name.ts";
import type { Fields } from "./fields.ts";
import { age, type View } from "./view.ts";
import { wrappedTable } from "./wrapped-table.ts";

/** Sinks that are called, as the topic `called` lists them. */
export function calledTable(sinks: readonly Fields[], { paint, width, now }: View): string {
  const rows = sinks.map((sink) => [
    sink.text("address"),
    sink.text("state"),
    age(sink.moment("since"), now),
    why(sink, now),
  ]);
  const header = ["ADDRESS", "STATE", "SINCE", rows.some((row) => row[3] !== "") ? "WHY" : ""];
  return wrappedTable(rows, { header, width, paint: paintCell });

  function paintCell(cell: string, row: number, column: number): string {
    if (row < 0) return paint.bold(cell);
    if (column !== 1) return cell;
    if (cell === "connected") return paint.green(cell);
    return cell === "calling" ? paint.yellow(cell) : paint.red(cell);
  }
}

/** How it ended last, and when it is tried again; of a sink that is connected again that is past. */
function why(sink: Fields, now: number): string {
  if (sink.text("state") === "connected" || !sink.has("lastEnd")) return "";
  const end = sink.object("lastEnd");
  const retryAt = sink.moment("retryAt");
  const next = retryAt === undefined ? "" : `; called again in ${formatAge(Math.max(0, retryAt - now))}`;
  return `${codeName(end.number("code"))}: ${end.text("message")}${next}`;
}
