import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { BuildInfo } from "./build-info.ts";
import { formatBuild } from "./format.ts";

const info: BuildInfo = {
  version: "1.2.3",
  revision: "abc",
  user: "unknown",
  host: "unknown",
  golang_version: "unknown",
  hub: "unknown",
  status: "Clean",
  tag: "unknown",
};

describe("formatBuild", () => {
  test("gives people the version and what else is known", () => {
    const lines = formatBuild(info, "").split("\n");
    expect(lines.slice(0, 3)).toEqual(["galley 1.2.3", "  revision  abc", "  status    Clean"]);
    expect(lines[3]).toBe(`  node      ${process.version}`);
  });

  test("gives programs the keys of Galley 1.3.6 under clientVersion", () => {
    expect(JSON.parse(formatBuild(info, "json"))).toEqual({ clientVersion: info });
    expect(parse(formatBuild(info, "yaml"))).toEqual({ clientVersion: info });
    expect(formatBuild(info, "json")).toContain('\n  "clientVersion": {\n    "version": "1.2.3",\n');
  });
});
