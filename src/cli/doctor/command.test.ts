import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Command } from "../command/command.ts";
import { completionModel } from "../completion/model.ts";
import { quietWorld } from "../status/testing/world.ts";
import { type Ran, run, serveWorld } from "../status/testing/serve-world.ts";
import { runDoctor } from "./command.ts";
import { doctorOutline } from "./outline.ts";
import { readText } from "./read-text.ts";

const command = { ...doctorOutline, run: runDoctor } as unknown as Command<never>;
const doctor = (...words: readonly string[]): Promise<Ran> => run(command, ["doctor", ...words]);

let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-doctor-"));
  await writeFile(at("well.yaml"), "configSources:\n- address: xds://127.0.0.1:15010\n- address: k8s://\n");
  await writeFile(at("warned.yaml"), "configSources:\n- address: xds://127.0.0.1:15010\n");
  await writeFile(at("wrong.yaml"), "configSources:\n- address: galley:15010\n- address: k8s://\n");
  await writeFile(
    at("both.yaml"),
    "meshConfig: {rootNamespace: x}\n---\nconfigSources: [{address: xds://127.0.0.1:1}]\n",
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe("galley doctor ends", () => {
  test.each([
    ["with 0 if nothing is wrong", ["well.yaml"], 0],
    ["with 0 if there are warnings", ["warned.yaml"], 0],
    ["with 1 for warnings if it is strict", ["warned.yaml", "--strict"], 1],
    ["with 0 if it is strict and nothing is wrong", ["well.yaml", "--strict"], 0],
    ["with 1 if there is an error", ["wrong.yaml"], 1],
    ["with 1 if one of several mesh configs has an error", ["both.yaml"], 1],
    ["with 1 if the release has an error", ["well.yaml", "--istio-version=1.8"], 1],
  ])("%s", async (_, [file = "", ...flags], status) => {
    expect(await doctor(at(file), ...flags)).toMatchObject({ status, err: "" });
  });

  test.each([
    ["without anything to examine", [], "needs a FILE"],
    ["with two things to examine", ["x", "--istiod=http://x"], "not both"],
    ["with a version that is none", ["x", "--istio-version=new"], "--istio-version=new"],
    ["with two configurations", ["x", "--config-path=x", "--admin=x:1"], "give one of them"],
    ["with an address of an istiod that is none", ["--istiod=https://x"], "--istiod=https://x"],
    ["with an address of a Galley that is none", ["WELL", "--admin=x"], "--admin=x"],
    ["without time", ["x", "--timeout=0s"], "--timeout"],
    ["with a form of output that there isn't", ["x", "-o", "xml"], "text, json or yaml"],
  ])("with 255 %s", async (_, words, message) => {
    const meant = words.map((word) => (word === "WELL" ? at("well.yaml") : word));
    expect(await doctor(...meant)).toMatchObject({ status: 255, out: "", err: expect.stringContaining(message) });
  });

  test.each([
    ["there is no such file", "none.yaml"],
    ["it is a folder", "."],
    ["it is not UTF-8 text", "latin.yaml"],
    ["it is larger than 16 MiB", "huge.yaml"],
    ["there is no mesh config", "other.yaml"],
    ["slip.yaml:3:1: ", "slip.yaml"],
  ])("with 2 and the reason: %s", async (reason, file) => {
    await writeFile(at("latin.yaml"), Buffer.from([0x61, 0x3a, 0xe9]));
    await writeFile(at("other.yaml"), "kind: Service\n");
    await writeFile(at("slip.yaml"), "a: 1\nb: [\n");
    await writeFile(at("huge.yaml"), "");
    await truncate(at("huge.yaml"), 17 * 1024 * 1024);
    const { status, out, err } = await doctor(at(file));
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(reason);
    expect(err).toMatch(/\[GLY_NOT_EXAMINED\]\nhint: ./u);
  });

  test("with 2 if a folder or a Galley can't be examined", async () => {
    expect(await doctor(at("well.yaml"), `--config-path=${at("none")}`)).toMatchObject({ status: 2, out: "" });
    expect(await doctor(at("well.yaml"), "--admin=127.0.0.1:1")).toMatchObject({ status: 2, out: "" });
  });
});

describe("the report", () => {
  test("says that all is well and what to do next", async () => {
    const { out } = await doctor(at("well.yaml"), "--istio-version=1.25");
    expect(out).toMatch(/^mesh config {2}mesh config in .*well\.yaml\n/u);
    expect(out).toContain("istiod       1.25, as --istio-version says; asks for 14 kinds over xDS\n");
    expect(out).toMatch(/\nNothing is wrong that can be seen from here\.\nNext: start galley server with/u);
  });

  test("names the place, what would happen and what to do, and sums up", async () => {
    const { out } = await doctor(at("wrong.yaml"));
    expect(out).toContain(`  address-scheme-unknown  configSources[0].address  ${at("wrong.yaml")}:2:3\n`);
    expect(out).toContain("      istiod passes over this source with a warning in its log: the host galley\n");
    expect(out).toContain("      → Write xds://HOST:PORT, the address at which Galley serves xDS.\n");
    expect(out).toMatch(/\n2 errors\.\n$/u);
  });

  test("is no wider than the terminal, and coloured only there", async () => {
    const wide = await run(command, ["doctor", at("wrong.yaml")], 60);
    expect(wide.out).toContain("\u001b[31maddress-scheme-unknown\u001b[39m");
    const messages = wide.out.split("\n").filter((line) => line.startsWith("      "));
    expect(messages.length).toBeGreaterThan(2);
    for (const line of messages) expect(line.length).toBeLessThanOrEqual(60);
    expect((await doctor(at("wrong.yaml"))).out).not.toContain("\u001b");
  });

  test("has a part for each mesh config", async () => {
    const { out } = await doctor(at("both.yaml"));
    expect(out.match(/^mesh config/gmu)).toHaveLength(2);
    expect(out).toContain("Helm values in");
  });

  test("spells out what would control the terminal", async () => {
    await writeFile(at("evil.yaml"), 'configSources: [{address: "ev\\e[2Jil"}]\n');
    const { out } = await run(command, ["doctor", at("evil.yaml")], 80);
    expect(out).not.toContain("\u001b[2J");
  });

  test("is the same for a program", async () => {
    const { out } = await doctor(at("wrong.yaml"), "-o", "json", "--istio-version=v1.25.1");
    const report = JSON.parse(out) as unknown;
    expect(report).toMatchObject({
      counts: { error: 2, warning: 0, info: 0 },
      meshConfigs: [
        {
          what: "mesh config",
          file: at("wrong.yaml"),
          istiod: { version: "1.25.1", toldBy: "--istio-version", release: "1.24 to 1.25" },
          findings: [
            { id: "no-xds-source", severity: "error", path: "configSources" },
            {
              id: "address-scheme-unknown",
              severity: "error",
              path: "configSources[0].address",
              file: at("wrong.yaml"),
              line: 2,
              column: 3,
              message: expect.stringContaining("passes over"),
              remedy: expect.stringContaining("xds://HOST:PORT"),
            },
          ],
        },
      ],
    });
    expect(parse((await doctor(at("wrong.yaml"), "-o", "yaml", "--istio-version=v1.25.1")).out)).toEqual(report);
  });
});

test("a running istiod is asked, and its version taken, unless another is given", async () => {
  const mesh = JSON.stringify({ configSources: [{ address: "xds://galley:15010", tlsSettings: { mode: "SIMPLE" } }] });
  const server = createServer(({ url }, response) => response.end(url === "/version" ? "1.25.3-abc-Clean" : mesh));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  try {
    const asked = await doctor("--istiod", `http://127.0.0.1:${port}`);
    expect(asked.status).toBe(1);
    expect(asked.out).toContain(`mesh config  istiod at 127.0.0.1:${port}\n`);
    expect(asked.out).toContain("istiod       1.25.3-abc-Clean, as its /version says");
    expect(asked.out).toContain("  tls-unsupported  configSources[0].tlsSettings.mode\n");
    const told = await doctor("--istiod", `http://127.0.0.1:${port}`, "--istio-version=1.26");
    expect(told.out).not.toContain("tls-unsupported");
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("what is served is measured, from a folder and from a running Galley", async () => {
  const fromFolder = await doctor(
    at("well.yaml"),
    "--istio-version=1.25",
    "--config-path=samples/leafpress",
    "-o=json",
  );
  expect(JSON.parse(fromFolder.out)).toMatchObject({
    meshConfigs: [{ configuration: { from: "samples/leafpress", isEstimate: false } }],
  });
  expect(fromFolder.out).toContain("responses-pinned");
  await using served = await serveWorld(quietWorld);
  const fromGalley = await doctor(at("well.yaml"), "--admin", served.admin);
  expect(fromGalley.out).toContain(`configuration  the Galley at ${served.admin}: 0 resources of 0 kinds`);
  expect(fromGalley.out).toContain("nothing-to-serve");
});

test("connections are tried only if asked for", async () => {
  await writeFile(at("nobody.yaml"), "configSources: [{address: xds://127.0.0.1:1}, {address: k8s://}]\n");
  expect(await doctor(at("nobody.yaml"))).toMatchObject({ status: 0 });
  expect(await doctor(at("nobody.yaml"), "--connect")).toMatchObject({
    status: 1,
    out: expect.stringContaining("nothing listens there"),
  });
});

test("a revision that is given goes before that of the file", async () => {
  await writeFile(
    at("map.yaml"),
    "kind: ConfigMap\nmetadata: {name: istio}\ndata:\n  mesh: 'configSources: [{address: xds://a:1}]'\n",
  );
  expect((await doctor(at("map.yaml"))).out).toContain("revision default");
  expect((await doctor(at("map.yaml"), "--revision=canary")).out).toContain("revision canary");
});

test("standard input is read for -", async () => {
  expect(await readText("-", () => Readable.from([Buffer.from("a: "), Buffer.from("ü")]))).toBe("a: ü");
  const endless = (): Readable =>
    Readable.from(
      (function* (): Generator<Buffer> {
        for (;;) yield Buffer.alloc(65_536);
      })(),
    );
  await expect(readText("-", endless)).rejects.toMatchObject({
    message: expect.stringContaining("standard input can't be read: it is larger"),
  });
});

test("shells know its flags and what they take", () => {
  const [model] = completionModel([doctorOutline]);
  const takes = new Map(model?.flags.map(({ long, takes: what }) => [long, what]));
  expect(takes.get("config-path")).toEqual({ kind: "folder" });
  expect(takes.get("output")).toEqual({ kind: "words", words: ["text", "json", "yaml"] });
  expect(takes.get("strict")).toEqual({ kind: "nothing" });
  expect([...takes.keys()]).toEqual(
    expect.arrayContaining(["istiod", "istio-version", "revision", "admin", "connect", "timeout"]),
  );
});
