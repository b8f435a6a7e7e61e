import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readBuildInfo } from "./build-info.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-build-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function json(name: string, text: string): Promise<URL> {
  await writeFile(join(folder, name), text);
  return pathToFileURL(join(folder, name));
}

const absent = pathToFileURL("/nowhere/build-info.json");

describe("readBuildInfo", () => {
  test("knows the version of the package it runs from", () => {
    expect(readBuildInfo().version).toMatch(/^\d+\.\d+\.\d+/u);
  });

  test("takes what the build left, and unknown for the rest", async () => {
    const build = await json(
      "build.json",
      '{"version": "1.2.3", "revision": "abc", "tag": 7, "user": "", "more": "x"}',
    );
    const manifest = await json("package.json", '{"version": "0.0.1", "name": "galley", "user": "nobody"}');
    expect(readBuildInfo(build, manifest)).toEqual({
      version: "1.2.3",
      revision: "abc",
      user: "unknown",
      host: "unknown",
      golang_version: "unknown",
      hub: "unknown",
      status: "unknown",
      tag: "unknown",
    });
  });

  test.each(["", "[", "null", "7"])("isn't stopped by a file that holds %j", async (text) => {
    const file = await json("odd.json", text);
    expect(readBuildInfo(file, file).version).toBe("unknown");
    expect(readBuildInfo(absent, absent).version).toBe("unknown");
  });
});
