import type { Row } from "./bench.ts";

const WIDTHS = { bench: 18, what: 50, value: 16, floor: 24, ratio: 8 } as const;

/** The head of the table of results. */
export const tableHead: string = line("bench", "what", "measured", "floor", "ratio", "to reach");

/** One line of it. */
export function tableLine({ bench, what, value, unit, floor, target }: Row): string {
  const reference = floor === undefined ? "" : `${floor.name} ${figure(floor.value)}`;
  const ratio = floor === undefined ? "" : `${figure(value / floor.value)}×`;
  return line(bench, what, `${figure(value)} ${unit}`, reference, ratio, target);
}

function line(bench: string, what: string, value: string, floor: string, ratio: string, target: string): string {
  const cells = [
    bench.padEnd(WIDTHS.bench),
    what.padEnd(WIDTHS.what),
    value.padStart(WIDTHS.value),
    floor.padStart(WIDTHS.floor),
    ratio.padStart(WIDTHS.ratio),
  ];
  return `${cells.join(" ")}  ${target}`;
}

/** Three digits that mean something: more would only pretend. */
function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  return value.toFixed(size >= 10 ? 1 : 2);
}
