import type { Cancel, Clock } from "../../lib/clock.ts";
import type { Effect } from "../../model/received/store.ts";
import type { Colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import type { OutputStream } from "../terminal/io.ts";
import { displayWidth } from "../terminal/width.ts";
import { formatAge } from "./age.ts";
import { cut, GAP, narrowed } from "./narrow.ts";
import type { Arrived, Noun, Printer } from "./printer.ts";

const colourOf = { added: "green", updated: "yellow", deleted: "red" } as const;

/** How long what there is at the start is gathered, so that its columns are aligned as a whole, milliseconds. */
const GATHER_MS = 300;

const yielding = { subject: 1, version: 3 };

interface Row {
  readonly kind: Effect["kind"] | undefined;
  readonly cells: readonly string[];
}

/** One line a resource: what there is, then what is added, updated and deleted as it happens. */
export class TablePrinter implements Printer {
  readonly #out: OutputStream;
  readonly #colours: Colours;
  readonly #clock: Clock;
  readonly #header: readonly string[];
  #widths: readonly number[];
  #gathered: Row[] = [];
  #cancel: Cancel | undefined;
  #begun = false;

  constructor(out: OutputStream, colours: Colours, clock: Clock, noun: Noun) {
    this.#header = ["CHANGE", noun.toUpperCase(), "NAME", "VERSION", "AGE"];
    this.#widths = this.#header.map((cell) => cell.length);
    this.#out = out;
    this.#colours = colours;
    this.#clock = clock;
  }

  arrived({ subject, effects, first, at }: Arrived): void {
    for (const { kind, name, resource } of effects) {
      const age = resource.createdAt === undefined ? "" : formatAge(at - resource.createdAt * 1000);
      const cells = [first ? "" : kind, subject, name, resource.version, age].map(escapeControls);
      this.#gathered.push({ kind: first ? undefined : kind, cells });
    }
    if (first && !this.#begun) this.#cancel ??= this.#clock.schedule(GATHER_MS, () => this.complete());
    else this.complete();
  }

  complete(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const rows = this.#gathered;
    this.#gathered = [];
    if (rows.length === 0) return;
    // Columns only ever widen, so that lines printed at different times stay under each other as far as can be.
    for (const { cells } of rows)
      this.#widths = this.#widths.map((width, i) => Math.max(width, displayWidth(cells[i]!)));
    if (!this.#begun) this.#out.write(`${this.#colours.bold(this.#line(this.#header))}\n`);
    this.#begun = true;
    this.#out.write(rows.map((row) => `${this.#paint(row)}\n`).join(""));
  }

  #line(cells: readonly string[]): string {
    const { columns, isTTY } = this.#out;
    const most = isTTY === true && columns !== undefined ? columns : Number.POSITIVE_INFINITY;
    const widths = narrowed(this.#widths, most, yielding);
    return cut(cells, widths, yielding)
      .map((cell, i) => cell + " ".repeat(Math.max(0, widths[i]! - displayWidth(cell))))
      .join(" ".repeat(GAP))
      .trimEnd();
  }

  #paint({ kind, cells }: Row): string {
    const line = this.#line(cells);
    return kind === undefined ? line : this.#colours[colourOf[kind]](line);
  }
}
