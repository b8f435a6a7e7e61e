import type { Effect } from "../../mcp/sink/store.ts";
import type { Colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import { displayWidth } from "../terminal/width.ts";
import { formatAge } from "./age.ts";
import type { Arrived, Printer } from "./printer.ts";

const colourOf = { added: "green", updated: "yellow", deleted: "red" } as const;

const header = ["CHANGE", "COLLECTION", "NAME", "VERSION", "AGE"] as const;

/** One line a resource: what there is, then what is added, updated and deleted as it happens. */
export class TablePrinter implements Printer {
  readonly #write: (text: string) => void;
  readonly #colours: Colours;
  #widths: number[] = header.map((cell) => cell.length);
  #begun = false;

  constructor(write: (text: string) => void, colours: Colours) {
    this.#write = write;
    this.#colours = colours;
  }

  arrived({ change, effects, first, at }: Arrived): void {
    if (effects.length === 0) return;
    const rows = effects.map(({ kind, name, resource }) => {
      const age = resource.createdAt === undefined ? "" : formatAge(at - resource.createdAt * 1000);
      return [first ? "" : kind, change.collection, name, resource.version, age].map(escapeControls);
    });
    // Columns only ever widen, so that lines printed at different times stay under each other as far as can be.
    for (const row of rows) this.#widths = this.#widths.map((width, i) => Math.max(width, displayWidth(row[i]!)));
    if (!this.#begun) this.#write(`${this.#colours.bold(this.#line([...header]))}\n`);
    this.#begun = true;
    this.#write(rows.map((row, i) => `${this.#paint(effects[i]!.kind, first, this.#line(row))}\n`).join(""));
  }

  complete(): void {
    // The lines have said it all.
  }

  #line(cells: readonly string[]): string {
    return cells
      .map((cell, i) => cell + " ".repeat(Math.max(0, this.#widths[i]! - displayWidth(cell))))
      .join("  ")
      .trimEnd();
  }

  #paint(kind: Effect["kind"], first: boolean, line: string): string {
    if (first) return line;
    return this.#colours[colourOf[kind]](line);
  }
}
