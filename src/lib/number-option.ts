import { inspect } from "node:util";

/** What a number that a program gives may be. */
export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  /** What it counts, such as `milliseconds`; nothing where it is a bare number. */
  readonly unit?: string;
}

/** The longest delay of a timer, milliseconds: Node has one that is set further ahead fire at once. */
export const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Refuses what an option can't be: taken as it is, it would show as something else, much later.
 * @param name the option as a program writes it: `limits.connectMs`
 * @throws RangeError that names the option, its bounds and the value
 */
export function checkNumber(name: string, value: unknown, { min, max, unit }: NumberBounds): void {
  if (typeof value === "number" && value >= min && value <= max) return;
  const shown = inspect(value, { depth: 0, maxStringLength: 50, breakLength: Infinity });
  throw new RangeError(`\`${name}\` can't be ${shown}: give ${min} to ${max}${unit === undefined ? "" : ` ${unit}`}`);
}
