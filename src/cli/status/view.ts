import type { Colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import type { OutputStream } from "../terminal/io.ts";
import { formatAge } from "../watch/age.ts";

/** How what is known of a server is laid out for people. */
export interface View {
  readonly paint: Colours;
  /** Cells of a line; no limit where lines go to a program. */
  readonly width: number;
  /** The server's clock, milliseconds since the epoch: what ages count from. */
  readonly now: number;
}

/** Cells of a line on this stream. Only a terminal has a limit: what `grep` reads is better whole. */
export function lineWidth(stream: OutputStream): number {
  return stream.isTTY === true ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY;
}

/** Writes what a server told, for a program. Where it is a terminal that reads, what would control it is spelled out. */
export function dataWriter(stream: OutputStream): (text: string) => void {
  if (stream.isTTY !== true) return (text) => void stream.write(text);
  return (text) => void stream.write(text.split("\n").map(escapeControls).join("\n"));
}

/** How long ago a moment was; empty if it is not known. A moment ahead is one of the second that the server's clock is in. */
export function age(at: number | undefined, now: number): string {
  return at === undefined ? "" : formatAge(Math.max(0, now - at));
}

/** A number of things: `1 error`, `12,000 sinks`. */
export function count(number: number, thing: string): string {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}

/** What is left out of a list, and what shows it. */
export function more(rest: number, command: string, { paint }: Pick<View, "paint">): string {
  return paint.dim(`… and ${rest.toLocaleString("en")} more: ${command}`);
}
