import { describe, expect, test } from "vitest";
import { colours } from "./colours.ts";
import type { OutputStream } from "./io.ts";

const terminal: OutputStream = { write: () => true, isTTY: true };
const pipe: OutputStream = { write: () => true };

describe("colours", () => {
  test("are on for a terminal", () => {
    expect(colours(terminal, { NO_COLOR: "" }).red("x")).toBe("\u001b[31mx\u001b[39m");
  });

  test.each([
    [pipe, {}],
    [terminal, { NO_COLOR: "1" }],
    [terminal, { TERM: "dumb" }],
  ])("are off for anything else, and where they aren't wanted", (stream, env) => {
    expect(colours(stream, env).bold("x")).toBe("x");
  });
});
