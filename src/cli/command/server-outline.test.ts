import { describe, expect, test } from "vitest";
import { resolveSettings } from "../options/resolve.ts";
import { serverOptions } from "../options/table.ts";
import { commonOptions } from "../options/table/common.ts";
import type { SettingsVerdict } from "./command.ts";
import { parseLine } from "./parse.ts";
import { checkServer } from "./server-outline.ts";

function check(...words: string[]): SettingsVerdict {
  const table = { ...serverOptions, ...commonOptions };
  const resolved = resolveSettings(table, [parseLine(table, words).flags]);
  if (!resolved.ok) throw new Error(String(resolved.problems));
  return checkServer(resolved.settings);
}

describe("checkServer", () => {
  test("has nothing to say of a folder served in plaintext on this machine", () => {
    expect(check("--insecure", "--configPath=x")).toEqual({ problems: [], notices: [] });
    expect(check("--insecure", "--configPath=x", "--server-address=unix:///s")).toEqual({ problems: [], notices: [] });
  });

  test("warns of plaintext that leaves the machine", () => {
    expect(check("--insecure", "--configPath=x", "--server-address=0.0.0.0:9901").notices).toEqual([
      expect.stringContaining("tcp://0.0.0.0:9901 serves plaintext"),
    ]);
  });

  test("says everything that is missing at once, with what to do", () => {
    expect(check().problems).toMatchObject([
      { code: "GLY_NO_SOURCE", hint: expect.stringContaining("--config-path=DIR") },
      { code: "GLY_NO_TLS", hint: expect.stringContaining("--insecure") },
    ]);
  });
});
