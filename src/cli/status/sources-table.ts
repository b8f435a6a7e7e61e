import type { Fields } from "./fields.ts";
import { age, type View } from "./view.ts";
import { wrappedTable } from "./wrapped-table.ts";

/** Sources as the topic `sources` lists them. */
export function sourcesTable(sources: readonly Fields[], { paint, width, now }: View): string {
  const rows = sources.map((source) => {
    const [reason, action] = [source.text("reason"), source.text("action")];
    const why = reason === "" ? "" : `${reason}; ${action}`;
    return [source.text("name"), source.text("state"), age(source.moment("since"), now), why];
  });
  const header = ["SOURCE", "STATE", "SINCE", rows.some((row) => row[3] !== "") ? "WHY" : ""];
  return wrappedTable(rows, { header, width, paint: paintCell });

  function paintCell(cell: string, row: number, column: number): string {
    if (row < 0) return paint.bold(cell);
    if (column !== 1) return cell;
    if (cell === "synced") return paint.green(cell);
    return cell === "starting" ? paint.yellow(cell) : paint.red(cell);
  }
}

/** Whether a source can't see what it reads, so that what is served stands still. */
export function isInTrouble(source: Fields): boolean {
  return source.text("state") === "degraded" || source.text("state") === "failed";
}
