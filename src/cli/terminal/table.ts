import { escapeControls } from "./escape.ts";
import { displayWidth, fit } from "./width.ts";

export interface TableOptions {
  /** Headings, laid out like a row. */
  readonly header?: readonly string[];
  /** Cells that a line may take; what doesn't fit is cut from the widest columns. No limit, unless said. */
  readonly width?: number;
  /** Columns whose cells stand at the right edge, such as numbers. */
  readonly right?: readonly number[];
  /** Colours a cell after it is laid out, so that codes don't count as text. Row -1 is the header. */
  readonly paint?: (cell: string, row: number, column: number) => string;
}

const gap = 2;
const narrowestColumn = 6;

/** Aligned columns, one line a row, without a line end after the last. Controls in cells are escaped. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const all = (options.header === undefined ? rows : [options.header, ...rows]).map((row) => row.map(escapeControls));
  const widths = fitWidths(naturalWidths(all), options.width ?? Number.POSITIVE_INFINITY);
  const first = options.header === undefined ? 0 : -1;
  return all.map((row, index) => layOut(row, index + first)).join("\n");

  function layOut(row: readonly string[], rowIndex: number): string {
    const cells = row.map((cell, column) => {
      const text = fit(cell, widths[column] ?? 0);
      const padding = " ".repeat((widths[column] ?? 0) - displayWidth(text));
      const painted = options.paint === undefined ? text : options.paint(text, rowIndex, column);
      if (options.right?.includes(column) === true) return padding + painted;
      return column === row.length - 1 ? painted : painted + padding;
    });
    return cells.join(" ".repeat(gap)).trimEnd();
  }
}

function naturalWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
  }
  return widths;
}

/** Takes cells from the widest column until all fit, or until none is left that would still be read. */
function fitWidths(natural: readonly number[], most: number): readonly number[] {
  const widths = natural.map((width) => Math.min(width, most));
  let excess = widths.reduce((sum, width) => sum + width, gap * (widths.length - 1)) - most;
  while (excess > 0) {
    const widest = Math.max(...widths);
    if (widest <= narrowestColumn) break;
    widths[widths.indexOf(widest)] = widest - 1;
    excess--;
  }
  return widths;
}
