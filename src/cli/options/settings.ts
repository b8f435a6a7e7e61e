import { encode } from "./codec.ts";
import type { OptionTable, ValuesOf } from "./option.ts";
import { formatOrigin, type Origin } from "./origin.ts";

/** One line of a listing of settings; a secret's value is not in it. */
export interface SettingRow {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

/** The values that a command runs with, each of which remembers where it came from. Frozen. */
export class Settings<Table extends OptionTable> {
  readonly values: ValuesOf<Table>;
  readonly #table: Table;
  readonly #origins: ReadonlyMap<keyof Table, Origin>;

  /** `origins` lists what isn't at its default. */
  constructor(table: Table, values: ValuesOf<Table>, origins: ReadonlyMap<keyof Table, Origin>) {
    this.#table = table;
    this.values = Object.freeze(values);
    this.#origins = origins;
  }

  origin(key: keyof Table): Origin {
    return this.#origins.get(key) ?? { kind: "default" };
  }

  /** Whether a person chose the value, rather than the table. */
  isGiven(key: keyof Table): boolean {
    return this.origin(key).kind !== "default";
  }

  /** Every setting that lasts with its origin, in the order of the table, without secrets. */
  rows(): readonly SettingRow[] {
    const lasting = Object.entries(this.#table).filter(([, spec]) => spec.from !== "flag");
    return lasting.map(([key, spec]) => {
      const text = encode(spec, this.values[key]);
      const value = spec.secret === true && text !== spec.default ? "(secret)" : text;
      return { name: spec.name, value, origin: formatOrigin(this.origin(key)) };
    });
  }
}
