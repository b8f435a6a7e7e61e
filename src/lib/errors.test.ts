import { describe, expect, test } from "vitest";
import { errorTable, GalleyError, type ErrorCode, type ErrorSpec } from "./errors.ts";

const specs: Readonly<Record<string, ErrorSpec>> = errorTable;

describe("GalleyError", () => {
  test("carries its code, cause and details", () => {
    const cause = new Error("EADDRINUSE");
    const error = new GalleyError("GLY_LISTEN", "port 1 is taken", { cause, details: { port: 1 } });
    expect(error).toMatchObject({ code: "GLY_LISTEN", message: "port 1 is taken", cause, details: { port: 1 } });
    expect(error.name).toBe("GalleyError");
  });

  test("takes retry and, without a hint of its own, the remedy from the table", () => {
    expect(new GalleyError("GLY_CONNECT", "x").retry).toBe("backoff");
    expect(new GalleyError("GLY_VALUE", "x").retry).toBe("never");
    expect(new GalleyError("GLY_LISTEN", "x").hint).toBe(errorTable.GLY_LISTEN.remedy);
    expect(new GalleyError("GLY_LISTEN", "x", { hint: "y" }).hint).toBe("y");
  });

  test("has no cause property when there is no cause", () => {
    expect("cause" in new GalleyError("GLY_VALUE", "x")).toBe(false);
  });

  test("is recognised when another copy of the package made it, and nothing else is", () => {
    const stranger = Object.assign(new Error("x"), { [Symbol.for("galley.error")]: true });
    expect(GalleyError.is(new GalleyError("GLY_VALUE", "x"))).toBe(true);
    expect(GalleyError.is(stranger)).toBe(true);
    expect(GalleyError.is(new Error("x"))).toBe(false);
    expect(GalleyError.is(null)).toBe(false);
    expect(GalleyError.is("GLY_VALUE")).toBe(false);
  });
});

describe("the error table", () => {
  test.each(Object.keys(errorTable) as ErrorCode[])("%s is spelled like the others and says what it means", (code) => {
    expect(code).toMatch(/^GLY_[A-Z]+(_[A-Z]+)*$/u);
    expect(specs[code]!.meaning).toMatch(/^[A-Z`].*\.$/u);
    expect(specs[code]!.remedy).toMatch(/\.$/u);
  });
});
