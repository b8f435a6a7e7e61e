import type { Cancel, Clock } from "../../lib/clock.ts";
import type { Effect } from "../../mcp/sink/store.ts";
import type { Colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import { displayWidth } from "../terminal/width.ts";
import { formatAge } from "./age.ts";
import type { Arrived, Printer } from "./printer.ts";

const colourOf = { added: "green", updated: "yellow", deleted: "red" } as const;

const header = ["CHANGE", "COLLECTION", "NAME", "VERSION", "AGE"] as const;

/** How long what there is at the start is gathered, so that its columns are aligned as a whole, milliseconds. */
const GATHER_MS = 300;

interface Row {
  readonly kind: Effect["kind"] | undefined;
  readonly cells: readonly string[];
}

/** One line a resource: what there is, then what is added, updated and deleted as it happens. */
export class TablePrinter implements Printer {
  readonly #write: (text: string) => void;
  readonly #colours: Colours;
  readonly #clock: Clock;
  #widths: number[] = header.map((cell) => cell.length);
  #gathered: Row[] = [];
  #cancel: Cancel | undefined;
  #begun = false;

  constructor(write: (text: string) => void, colours: Colours, clock: Clock) {
    this.#write = write;
    this.#colours = colours;
    this.#clock = clock;
  }

  arrived({ change, effects, first, at }: Arrived): void {
    for (const { kind, name, resource } of effects) {
      const age = resource.createdAt === undefined ? "" : formatAge(at - resource.createdAt * 1000);
      const cells = [first ? "" : kind, change.collection, name, resource.version, age].map(escapeControls);
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
    if (!this.#begun) this.#write(`${this.#colours.bold(this.#line([...header]))}\n`);
    this.#begun = true;
    this.#write(rows.map((row) => `${this.#paint(row)}\n`).join(""));
  }

  #line(cells: readonly string[]): string {
    return cells
      .map((cell, i) => cell + " ".repeat(Math.max(0, this.#widths[i]! - displayWidth(cell))))
      .join("  ")
      .trimEnd();
  }

  #paint({ kind, cells }: Row): string {
    const line = this.#line(cells);
    return kind === undefined ? line : this.#colours[colourOf[kind]](line);
  }
}
