import type { OutputStream } from "./io.ts";

/** Makes text stand out; where colours are off it returns the text as it is. */
export interface Colours {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** Colours for a terminal; none for anything else, nor where `NO_COLOR` is set (no-color.org) or the terminal is dumb. */
export function colours(stream: OutputStream, env: Readonly<Record<string, string | undefined>>): Colours {
  const on = stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  const paint = (start: number, end: number) => (text: string) => (on ? `\x1b[${start}m${text}\x1b[${end}m` : text);
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}

export const noColours: Colours = colours({ write: () => true }, {});
