import type { Clock } from "../../lib/clock.ts";
import { escapeControls } from "./escape.ts";
import type { OutputStream } from "./io.ts";
import { fit } from "./width.ts";

/** One line at the foot of a terminal that says how far a long task has come. */
export interface ProgressLine {
  /** Shows the text in place of what was there; drawn at most ten times a second. */
  update(text: string): void;
  /** Takes the line away; `update` may bring it back. */
  clear(): void;
}

/** Moves to the start of the line and empties it: harmless on an empty line, so whoever writes there may do it. */
export const eraseLine = "\r\x1b[2K";

const redrawMs = 100;

/** A progress line on a terminal; on anything else one that writes nothing. */
export function progressLine(stream: OutputStream, clock: Clock): ProgressLine {
  if (stream.isTTY !== true) return { update: () => undefined, clear: () => undefined };
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(text) {
      const now = clock.now();
      if (now - drawnAt < redrawMs) return;
      drawnAt = now;
      // The last cell stays free: some terminals wrap once it is taken.
      stream.write(eraseLine + fit(escapeControls(text), (stream.columns ?? 80) - 1));
    },
    clear() {
      if (drawnAt === Number.NEGATIVE_INFINITY) return;
      drawnAt = Number.NEGATIVE_INFINITY;
      stream.write(eraseLine);
    },
  };
}
