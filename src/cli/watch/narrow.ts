import { displayWidth, fit } from "../terminal/width.ts";

/** Cells between two columns. */
export const GAP = 2;

/** How much of a version is enough to tell it from the one before. */
const SHORT_VERSION = 8;

/** What a subject keeps in any case, so that its end can still be read. */
const SHORT_SUBJECT = 16;

/** Which columns may give way where a line is too long for the terminal. */
export interface Yielding {
  readonly subject: number;
  readonly version: number;
}

/**
 * Widths of columns that fit into a terminal as far as can be: versions give way first, then subjects. Names never do, as
 * they are what one looks for and copies.
 */
export function narrowed(widths: readonly number[], most: number, { subject, version }: Yielding): readonly number[] {
  const result = [...widths];
  let excess = widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1)) - most;
  for (const [column, least] of [
    [version, SHORT_VERSION],
    [subject, SHORT_SUBJECT],
  ] as const) {
    const given = Math.max(0, Math.min(excess, result[column]! - least));
    result[column]! -= given;
    excess -= given;
  }
  return result;
}

/** The end of a name of several parts, in at most so many cells and in whole parts: what distinguishes subjects stands there. */
function fitEnd(text: string, most: number): string {
  if (displayWidth(text) <= most) return text;
  const characters = Array.from(text);
  while (displayWidth(characters.join("")) > most - 1) characters.shift();
  const end = characters.join("");
  return `…${end.slice(Math.max(0, end.indexOf("/")))}`;
}

/** The cells of a line, cut to their columns. */
export function cut(cells: readonly string[], widths: readonly number[], { subject }: Yielding): readonly string[] {
  return cells.map((cell, column) => (column === subject ? fitEnd : fit)(cell, widths[column]!));
}
