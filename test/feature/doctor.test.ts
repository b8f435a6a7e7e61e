import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GalleyProcess, runGalley } from "../support/galley-process.ts";

// The process as a user runs it: what it finds is tested beside the code.

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-doctor-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function meshFile(name: string, ...addresses: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const sources = addresses.map((address) => `    - address: ${address}\n`).join("");
  await writeFile(path, `kind: ConfigMap\nmetadata: {name: istio}\ndata:\n  mesh: |\n    configSources:\n${sources}`);
  return path;
}

test("galley doctor examines a file, what a server would serve, and its address", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  try {
    const file = await meshFile("well.yaml", `xds://127.0.0.1:${port}`, "k8s://");
    const { code, stdout, stderr } = await runGalley(
      "doctor",
      file,
      "--istio-version=1.25",
      "--config-path=samples/leafpress",
      "--connect",
    );
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`mesh config    ConfigMap istio in ${file}\n`);
    expect(stdout).toMatch(/^configuration {2}samples\/leafpress: \d+ resources of \d+ kinds$/mu);
    expect(stdout).toMatch(/^ {2}reached /mu);
  } finally {
    server.close();
  }
});

test("galley doctor asks a running server what it serves", async () => {
  await using server = await GalleyProcess.start("samples/leafpress");
  await server.ready();
  const file = await meshFile("asked.yaml", "xds://127.0.0.1:15010", "k8s://");
  const admin = new URL(server.introspectionUrl).host;
  const { code, stdout } = await runGalley("doctor", file, "--istio-version=1.25", "--admin", admin, "-o", "json");
  expect(code).toBe(0);
  const { meshConfigs } = JSON.parse(stdout) as {
    meshConfigs: { configuration: { kinds: { collection: string; bytes: number }[] } }[];
  };
  const sizes = new Map(meshConfigs[0]?.configuration.kinds.map(({ collection, bytes }) => [collection, bytes]));
  expect(sizes.get("istio/networking/v1alpha3/gateways")).toBeGreaterThan(300);
});

test("galley doctor ends with 1 for an error, 2 for what it can't examine, and 255 for what it can't understand", async () => {
  const wrong = await meshFile("wrong.yaml", "galley:15010");
  const runs = await Promise.all([
    runGalley("doctor", wrong),
    runGalley("doctor", join(folder, "none.yaml")),
    runGalley("doctor", "--istio-version=x", wrong),
  ]);
  expect(runs.map(({ code }) => code)).toEqual([1, 2, 255]);
  // A process of a test has no standard input to speak of.
  expect(await runGalley("doctor", "-")).toMatchObject({ code: 2, stderr: expect.stringContaining("standard input") });
});

test("galley completion offers the flags of galley doctor", async () => {
  const { stdout } = await runGalley("completion", "bash");
  expect(stdout).toMatch(/^ {4}doctor\) _galley_words ".*--istio-version.*--connect.*"/mu);
});
