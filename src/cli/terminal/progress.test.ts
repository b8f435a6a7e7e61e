import { describe, expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import { eraseLine, progressLine } from "./progress.ts";

function stream(isTTY: boolean): { write: (text: string) => void; isTTY: boolean; columns: number; written: string[] } {
  const written: string[] = [];
  return { write: (text) => void written.push(text), isTTY, columns: 10, written };
}

describe("a progress line", () => {
  test("writes nothing to what isn't a terminal", () => {
    const out = stream(false);
    const line = progressLine(out, new ManualClock());
    line.update("1 of 2");
    line.clear();
    expect(out.written).toEqual([]);
  });

  test("takes the place of what it said before, within the width, and is harmless", () => {
    const out = stream(true);
    const clock = new ManualClock();
    const line = progressLine(out, clock);
    line.update("1 of 2");
    clock.advance(100);
    line.update("reading\nmuch more");
    expect(out.written).toEqual([`${eraseLine}1 of 2`, `${eraseLine}reading\\…`]);
  });

  test("is drawn at most ten times a second", () => {
    const out = stream(true);
    const clock = new ManualClock();
    const line = progressLine(out, clock);
    for (let i = 0; i < 1_000; i++) {
      line.update(String(i));
      clock.advance(1);
    }
    expect(out.written).toHaveLength(10);
  });

  test("is taken away once, and only if it is there", () => {
    const out = stream(true);
    const line = progressLine(out, new ManualClock());
    line.clear();
    line.update("x");
    line.clear();
    line.clear();
    expect(out.written).toEqual([`${eraseLine}x`, eraseLine]);
  });
});
