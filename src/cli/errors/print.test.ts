import { describe, expect, test } from "vitest";
import { GalleyError } from "../../lib/errors.ts";
import { printProblems } from "./print.ts";

function printed(...problems: unknown[]): { readonly text: string; readonly status: number } {
  let text = "";
  const stream = { write: (more: string) => (text += more) };
  const status = printProblems(problems, { stdout: { write: () => true }, stderr: stream }, {});
  return { text, status };
}

describe("printProblems", () => {
  test("says what is wrong, its code, and what to do", () => {
    const { text } = printed(new GalleyError("GLY_LISTEN", "port 1 is taken", { hint: "take another" }));
    expect(text).toBe("error: port 1 is taken [GLY_LISTEN]\nhint: take another\n");
  });

  test.each([
    [["GLY_LISTEN"], 1],
    [["GLY_UNKNOWN_FLAG"], 255],
    [["GLY_CONFIG_FILE_VALUE", "GLY_VALUE"], 255],
    [["GLY_CONFIG_FILE_VALUE", "GLY_NO_TLS"], 1],
  ] as const)("of %j means status %d", (codes, status) => {
    expect(printed(...codes.map((code) => new GalleyError(code, "x"))).status).toBe(status);
  });

  test("calls anything else an internal error, with its trace", () => {
    const { text, status } = printed(new TypeError("x is not a function"));
    expect(status).toBe(1);
    expect(text).toMatch(
      /^error: internal error: x is not a function \[GLY_INTERNAL\]\n {4}at .*\n[^]*hint: .*report/u,
    );
    expect(printed("thrown text").text).toContain("internal error: thrown text");
  });

  test("lets no control through to the terminal", () => {
    const { text } = printed(new GalleyError("GLY_VALUE", "a\u001b[2Jb\nerror: forged", { hint: "c\u0007" }));
    expect(text.split("\n")).toHaveLength(3);
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});
