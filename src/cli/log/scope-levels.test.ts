import { describe, expect, test } from "vitest";
import { ScopeLevels } from "./scope-levels.ts";

describe("ScopeLevels", () => {
  test("lets a scope through from its own level on, and others from that of default", () => {
    const levels = new ScopeLevels(
      new Map([
        ["default", "warn"],
        ["mcp", "debug"],
      ]),
    );
    expect(levels.gate("mcp").admits("debug")).toBe(true);
    expect(levels.gate("source").admits("info")).toBe(false);
    expect(levels.gate("source").admits("warn")).toBe(true);
  });

  test("takes info where default isn't set", () => {
    const levels = new ScopeLevels(new Map());
    expect([levels.gate("mcp").admits("debug"), levels.gate("mcp").admits("info")]).toEqual([false, true]);
  });

  test("lets a narrower scope follow the one it lies in", () => {
    const levels = new ScopeLevels(
      new Map([
        ["mcp", "debug"],
        ["mcp.stream.frame", "error"],
      ]),
    );
    expect(levels.gate("mcp.stream").admits("debug")).toBe(true);
    expect(levels.gate("mcp.stream.frame").admits("warn")).toBe(false);
    expect(levels.gate("mcpx").admits("debug")).toBe(false);
  });

  test.each(["fatal", "none"] as const)("lets nothing through at %s", (threshold) => {
    expect(new ScopeLevels(new Map([["mcp", threshold]])).gate("mcp").admits("error")).toBe(false);
  });

  test("changes gates that exist already", () => {
    const levels = new ScopeLevels(new Map());
    const gate = levels.gate("mcp");
    expect(gate.admits("debug")).toBe(false);
    levels.set("mcp", "debug");
    expect(gate.admits("debug")).toBe(true);
    levels.set("all", "error");
    expect(gate.admits("warn")).toBe(false);
    expect([...levels.rules()]).toEqual([["default", "error"]]);
  });
});
