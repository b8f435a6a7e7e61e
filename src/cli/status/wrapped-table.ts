import { escapeControls } from "../terminal/escape.ts";
import { table, type TableOptions } from "../terminal/table.ts";
import { displayWidth } from "../terminal/width.ts";
import { wrap } from "../terminal/wrap.ts";

/** The least room that text in the last column is read well in; with less it goes below the row. */
const narrowestText = 30;
const belowIndent = 4;
const gap = 2;

/** A table whose last column is text: nothing in it is ever cut, lines that don't fit are wrapped. */
export function wrappedTable(
  rows: readonly (readonly string[])[],
  { header, width = Number.POSITIVE_INFINITY, right, paint }: TableOptions & { readonly header: readonly string[] },
): string {
  const facts = rows.map((row) => row.slice(0, -1));
  const layout = { header: header.slice(0, -1), ...(right === undefined ? {} : { right }) };
  const plain = table(facts, layout).split("\n");
  const painted = paint === undefined ? plain : table(facts, { ...layout, paint }).split("\n");
  const left = plain.reduce((most, line) => Math.max(most, displayWidth(line)), 0) + gap;
  const isBeside = width - left >= narrowestText;

  return [header, ...rows].map((row, index) => layOut(row.at(-1) ?? "", index)).join("\n");

  function layOut(text: string, index: number): string {
    const line = painted[index]!;
    if (text === "") return line;
    const indent = isBeside ? left : belowIndent;
    const colour = (part: string): string => paint?.(part, index - 1, facts[0]?.length ?? 0) ?? part;
    const lines = linesOf(escapeControls(text), width - indent);
    // The heading of the text belongs to the line of headings, wherever the text itself goes.
    if (!isBeside && index > 0) return [line, ...lines.map((part) => " ".repeat(indent) + colour(part))].join("\n");
    const padding = " ".repeat(Math.max(gap, left - displayWidth(plain[index]!)));
    return lines.map((part, at) => (at === 0 ? line + padding : " ".repeat(indent)) + colour(part)).join("\n");
  }
}

function linesOf(text: string, width: number): readonly string[] {
  return Number.isFinite(width) ? wrap(text, Math.max(narrowestText, width)) : [text];
}
