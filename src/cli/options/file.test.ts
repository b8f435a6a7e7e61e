import { describe, expect, test } from "vitest";
import { matchEntries } from "./file.ts";
import { parseConfigEntries } from "./file-entries.ts";
import { serverOptions } from "./table.ts";
import { commonOptions } from "./table/common.ts";

const table = { ...serverOptions, ...commonOptions };

function match(text: string): ReturnType<typeof matchEntries> {
  return matchEntries(table, parseConfigEntries(text, "g.yaml"), "g.yaml");
}

describe("a key of a config file", () => {
  test.each([
    ["config-path: x"],
    ["configPath: x"],
    ["CONFIGPATH: x"],
    ["processing: {source: {filesystem: {path: x}}}"],
    ["processing.source.filesystem.path: x"],
    ["Processing: {Source.FileSystem: {path: x}}"],
  ])("means the setting in %s", (text) => {
    expect([...match(text).given]).toMatchObject([["configPath", { texts: ["x"], origin: { kind: "file", line: 1 } }]]);
  });

  test("remembers its line and spelling", () => {
    expect(match("\n\nMonitoringPort: 1").given.get("monitoringPort")?.origin).toEqual({
      kind: "file",
      file: "g.yaml",
      line: 3,
      key: "MonitoringPort",
    });
  });

  test("reads lists written in either way", () => {
    expect(match("excludedResourceKinds: [A, B]").given.get("excludedResourceKinds")?.texts).toEqual(["A", "B"]);
    expect(match("excludedResourceKinds: A,B").given.get("excludedResourceKinds")?.texts).toEqual(["A,B"]);
    expect(match("excludedResourceKinds: []").given.get("excludedResourceKinds")?.texts).toEqual([""]);
  });

  test("without a value sets nothing", () => {
    expect(match("kubeconfig:").given.size).toBe(0);
  });

  test("that no setting has is noticed, with what may have been meant", () => {
    expect(match("confgPath: x\nwhatever: {else: 1}").notices).toEqual([
      "g.yaml:1: unknown key confgPath; did you mean configPath?",
      "g.yaml:2: unknown key whatever.else",
    ]);
  });

  test("that only the command line or the environment may give is unknown", () => {
    expect(match("config: other.yaml\nhelp: true").notices).toHaveLength(2);
  });

  test.each([
    ["monitoringPort: [1]", "g.yaml:1: monitoringPort: expected a plain value, found a list"],
    ["monitoringPort: {}", "g.yaml:1: monitoringPort: expected a plain value, found keys and values"],
    ["log_target: [[a]]", "g.yaml:1: log_target: expected a list, found a list of more than plain values"],
    ["insecure: true\ngeneral: {}\nINSECURE: false", "g.yaml:3: INSECURE: is set at g.yaml:1 already"],
  ])("with a value that no setting takes is a problem: %s", (text, message) => {
    expect(match(text).problems).toMatchObject([{ code: "GLY_CONFIG_FILE_VALUE", message }]);
  });
});
