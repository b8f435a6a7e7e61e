import type { OutputStream } from "../terminal/io.ts";
import { table } from "../terminal/table.ts";
import type { Arrived, Noun, Printer } from "./printer.ts";

interface Counters {
  resources: number;
  version: string;
  pushes: number;
  added: number;
  updated: number;
  deleted: number;
}

const header = ["RESOURCES", "VERSION", "PUSHES", "ADDED", "UPDATED", "DELETED"];
const clearScreen = "\x1b[2J\x1b[H";

/** Counts by collection or type. A terminal shows the table anew at each change; elsewhere it is printed when all has come, then row by row. */
export class StatsPrinter implements Printer {
  readonly #out: OutputStream;
  readonly #noun: Noun;
  readonly #counters = new Map<string, Counters>();
  #complete = false;

  constructor(out: OutputStream, noun: Noun) {
    this.#out = out;
    this.#noun = noun;
  }

  arrived({ subject, version, effects }: Arrived): void {
    const known = this.#counters.get(subject);
    const counters = known ?? { resources: 0, version: "", pushes: 0, added: 0, updated: 0, deleted: 0 };
    if (known === undefined) this.#counters.set(subject, counters);
    counters.pushes++;
    counters.version = version;
    for (const { kind } of effects) {
      counters[kind]++;
      if (kind === "added") counters.resources++;
      if (kind === "deleted") counters.resources--;
    }
    if (this.#out.isTTY === true) this.#out.write(`${clearScreen}${this.#render([...this.#counters.keys()].sort())}\n`);
    else if (this.#complete) this.#out.write(`${this.#render([subject])}\n`);
  }

  complete(): void {
    this.#complete = true;
    if (this.#out.isTTY !== true) this.#out.write(`${this.#render([...this.#counters.keys()].sort())}\n`);
  }

  #render(subjects: readonly string[]): string {
    const rows = subjects.map((subject) => {
      const { resources, version, pushes, added, updated, deleted } = this.#counters.get(subject)!;
      return [subject, String(resources), version, ...[pushes, added, updated, deleted].map(String)];
    });
    return table(rows, { header: [this.#noun.toUpperCase(), ...header], right: [1, 3, 4, 5, 6] });
  }
}
