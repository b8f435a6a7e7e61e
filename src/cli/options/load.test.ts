import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseLine } from "../command/parse.ts";
import { loadSettings } from "./load.ts";
import { serverOptions } from "./table.ts";
import { commonOptions } from "./table/common.ts";

const table = { ...serverOptions, ...commonOptions };
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-settings-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

function load(
  words: readonly string[],
  env: Record<string, string> = {},
): ReturnType<typeof loadSettings<typeof table>> {
  return loadSettings(table, parseLine(table, words).flags, env);
}

describe("loadSettings", () => {
  test("takes flags before the environment before the file", async () => {
    const path = await file("a.yaml", "configPath: f\ndomain: cluster.local\nmonitoringPort: 1\nctrlz_port: 1\n");
    const loaded = await load(["--config-path=c", "-c", path], {
      GALLEY_CONFIG_PATH: "e",
      GALLEY_MONITORING_PORT: "2",
    });
    expect(loaded.ok && loaded.settings.values).toMatchObject({ configPath: "c", monitoringPort: 2, ctrlzPort: 1 });
  });

  test("finds the file that the environment names, unless a flag names another", async () => {
    const one = await file("one.yaml", "ctrlz_port: 1");
    const two = await file("two.json", '{"ctrlz_port": 2}');
    const fromEnvironment = await load([], { GALLEY_CONFIG: one });
    const fromFlag = await load(["--config", two], { GALLEY_CONFIG: one });
    expect(fromEnvironment.ok && fromEnvironment.settings.values.ctrlzPort).toBe(1);
    expect(fromFlag.ok && fromFlag.settings.values.ctrlzPort).toBe(2);
  });

  test("collects the notices of every layer", async () => {
    const path = await file("b.yaml", "nonsense: 1");
    const loaded = await load(["-c", path, "--useOldProcessor"], { GALLEY_CONFIGPATH: "x" });
    expect(loaded.ok && loaded.notices).toHaveLength(3);
  });

  test("reports problems of the file together with those of the flags", async () => {
    const path = await file("c.yaml", "insecure: [1]\nctrlz_port: many\n");
    const loaded = await load(["-c", path, "--monitoringPort=x"]);
    expect(loaded.ok ? [] : loaded.problems.map(({ code }) => code)).toEqual([
      "GLY_CONFIG_FILE_VALUE",
      "GLY_VALUE",
      "GLY_CONFIG_FILE_VALUE",
    ]);
  });

  test.each([
    ["missing.yaml", undefined, "GLY_CONFIG_FILE_UNREADABLE"],
    ["a.toml", "x = 1", "GLY_CONFIG_FILE_FORMAT"],
    ["plain", "x: 1", "GLY_CONFIG_FILE_FORMAT"],
    ["broken.yml", "a: [", "GLY_CONFIG_FILE_SYNTAX"],
    ["latin.yaml", new Uint8Array([0x61, 0xe9]), "GLY_CONFIG_FILE_SYNTAX"],
    ["huge.yaml", "#".repeat(65_537), "GLY_CONFIG_FILE_UNREADABLE"],
  ])("stops at %s", async (name, content, code) => {
    if (content !== undefined) await file(name, content);
    const loaded = await load(["--config", join(folder, name)]);
    expect(loaded).toMatchObject({ ok: false, problems: [{ code }] });
  });

  test("does not try to read a folder that is named like a file", async () => {
    await mkdir(join(folder, "folder.yaml"));
    const loaded = await load(["--config", join(folder, "folder.yaml")]);
    expect(loaded).toMatchObject({ ok: false, problems: [{ code: "GLY_CONFIG_FILE_UNREADABLE" }] });
  });
});
