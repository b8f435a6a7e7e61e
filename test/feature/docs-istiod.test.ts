import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parseLine } from "../../src/cli/command/parse.ts";
import { loadSettings } from "../../src/cli/options/load.ts";
import { type ServerValues, serverOptions } from "../../src/cli/options/table.ts";
import { commonOptions } from "../../src/cli/options/table/common.ts";
import { TestFolder } from "../../src/grpc/credentials/testing/folder.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { parseYaml } from "../../src/lib/yaml/parse.ts";
import { splitYaml } from "../../src/lib/yaml/split.ts";
import { kindsFrom30 } from "../../src/xds/releases-kinds.ts";
import { Istiod } from "../istiod/istiod.ts";
import { releaseOf } from "../istiod/releases.ts";
import { GalleyProcess, runGalley } from "../support/galley-process.ts";
import { credentialFiles, serverCertificate } from "../support/secure-server.ts";
import { everyFlag, Page, parseCall } from "./docs-page.ts";

// docs/istiod.md and deploy/istiod/: what they tell people to do works, as far as it can be tried without a cluster.

const page = await Page.read("docs/istiod.md");
const manifests = "deploy/istiod";

// Programs are compiled as they start.
vi.setConfig({ testTimeout: 60_000 });

/** What of a manifest is looked at here. */
interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe?: Probe;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: number };
}

interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers?: readonly Container[];
  readonly volumes: readonly { readonly name: string }[];
}

interface Manifest {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly template: { readonly metadata: { readonly labels: unknown }; readonly spec: PodSpec };
    readonly selector: unknown;
    readonly podSelector: unknown;
    readonly ports: readonly { readonly port: number; readonly targetPort: number }[];
    readonly ingress: readonly { readonly ports: readonly { readonly port: number }[] }[];
  };
}

async function documentsOf(name: string): Promise<readonly unknown[]> {
  const text = await readFile(`${manifests}/${name}`, "utf8");
  return [...splitYaml(text)].map((document) => {
    const parsed = parseYaml(document.text);
    if (!parsed.ok) throw new Error(`${name}:${document.line}: ${JSON.stringify(parsed.fault)}`);
    return parsed.value;
  });
}

/** What a container's arguments make of the server's settings. */
async function valuesOf({ args }: Container): Promise<ServerValues> {
  const table = { ...commonOptions, ...serverOptions };
  const { flags, positionals } = parseLine(table, args);
  expect(positionals).toEqual(["server"]);
  const resolved = await loadSettings(table, flags, {});
  expect(resolved).toMatchObject({ ok: true, notices: [] });
  return (resolved as Extract<typeof resolved, { readonly ok: true }>).settings.values;
}

/** Where the mesh config beside a manifest says that Galley is. */
async function configuredAddress(name: string): Promise<string> {
  const [mesh] = (await documentsOf(name)) as [{ readonly configSources: readonly { readonly address: string }[] }];
  expect(mesh.configSources[1]!.address).toBe("k8s://");
  return mesh.configSources[0]!.address;
}

/** Starts a server with a container's arguments, its ports and paths exchanged for some of this machine. */
async function startLike({ args }: Container, paths: Readonly<Record<string, string>>): Promise<GalleyProcess> {
  const own = /^--(config-path|server-address|monitoring-port|monitoring-address|ctrlz-port|insecure)\b/u;
  const kept = args.slice(1).filter((arg) => !own.test(arg));
  const here = kept.map((arg) => {
    const [flag = "", value = ""] = arg.split("=");
    return `${flag}=${paths[value] ?? value.replace(/:\d+$/u, ":0")}`;
  });
  return await GalleyProcess.start("samples", ...here);
}

let folder: TestFolder;
beforeAll(async () => {
  folder = await TestFolder.make();
});
afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

describe("docs/istiod.md", () => {
  test("shows calls of galley that galley understands, and names flags that there are", () => {
    const calls = page.calls();
    expect(calls.length).toBeGreaterThan(5);
    for (const { words } of calls) expect(() => parseCall(words)).not.toThrow();
    expect(page.flags().filter((flag) => !everyFlag.has(flag))).toEqual([]);
    expect(page.flags()).toContain("--xds-allow");
  });

  test("leads to files and headings that exist", async () => {
    expect(await page.deadLinks()).toEqual([]);
  });

  test("shows the mesh configs and the container's arguments as they are in deploy/istiod", async () => {
    for (const name of ["beside-mesh-config.yaml", "shared-mesh-config.yaml"]) {
      expect(page.blocks("yaml")).toContain(await readFile(`${manifests}/${name}`, "utf8"));
    }
    const [patch] = (await documentsOf("beside.yaml")) as [Manifest];
    const { args } = patch.spec.template.spec.initContainers![0]!;
    expect(page.calls().map(({ words }) => words)).toContainEqual(args);
  });

  test("has no YAML that can't be parsed", () => {
    expect(page.blocks("yaml").length).toBe(3);
    for (const block of page.blocks("yaml")) expect(parseYaml(block)).toMatchObject({ ok: true });
  });

  test("names every kind that istiod asks for, and every file of deploy/istiod", async () => {
    for (const url of kindsFrom30) expect(page.text).toContain(url.split("/")[2]);
    for (const file of await readdir(manifests)) expect(page.text).toContain(`deploy/istiod/${file}`);
  });

  test("shows what galley doctor says of the recommended configSources", async () => {
    const words = ["doctor", `${manifests}/beside-mesh-config.yaml`, "--istio-version", "1.27"];
    const { code, stdout } = await runGalley(...words, "--strict");
    expect(stdout).toBe(page.outputOf(...words));
    expect(code).toBe(0);
  });

  test("shows what the server and galley watch print", async () => {
    const start = ["server", "--config", "deploy/local/galley.yaml", "--xds-address=127.0.0.1:15051"];
    await using server = await GalleyProcess.start(
      "samples",
      "--mesh-config-file=deploy/local/mesh-config.yaml",
      "--xds-address=127.0.0.1:0",
    );
    await server.ready();
    const [first, ...rest] = page.outputOf(...start).split("\n");
    expect(server.stderr.split("\n")[0]).toBe(first);
    const named = (lines: readonly string[]): string[] => lines.map((line) => line.slice(0, 17));
    expect(named(server.stderr.split("\n").slice(1))).toEqual(named(rest));
    expect(rest.join("\n")).toContain("(plaintext, this machine only)");

    const watch = ["watch", "--xds", "--once", "--server=127.0.0.1:15051", "Gateway", "WorkloadEntry"];
    const shown = page.outputOf(...watch);
    const args = watch.map((word) => word.replace("127.0.0.1:15051", server.xdsAddress));
    const { stdout, stderr } = await runGalley(...args);
    // Both types are asked for at once; which comes first is nobody's promise.
    expect(`${stdout}${stderr}`.split("\n").sort()).toEqual(shown.split("\n").sort());
  });

  test("shows an istiod among the sinks, and the problem of a resource that is held back from it", async () => {
    const line = page
      .outputOf("status", "problems")
      .split("\n")
      .find((text) => text.startsWith("warning"));
    const { file, at } = /(?<file>mesh\/\S+):(?<at>\d+)/u.exec(line!)!.groups!;
    const padding = "#\n".repeat(Number(at) - 1);
    await folder.write(
      "shop.yaml",
      `${padding}apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web}\nspec: {hosts: [web]}\n`,
    );
    await using server = await GalleyProcess.start(folder.path, "--xds-address=127.0.0.1:0");
    using istiod = new Istiod({ release: releaseOf("1.24–1.29"), address: server.xdsAddress, clock: systemClock });
    await istiod.synced();
    expect(istiod.ready).toBe(true);
    const admin = server.introspectionUrl.replace("http://", "");
    const { stdout: sinks } = await runGalley("status", "sinks", `--admin=${admin}`);
    expect(withoutChance(sinks)).toEqual(withoutChance(page.outputOf("status", "sinks")));
    const { stdout } = await runGalley("status", "problems", `--admin=${admin}`);
    const sentence = (text: string): string => text.slice(text.indexOf("VirtualService web"));
    expect(file).toBe("mesh/shop.yaml");
    expect(sentence(stdout).trim()).toBe(sentence(line!));
    expect(stdout).toContain(`${folder.at("shop.yaml")}:${at}`);
  });
});

describe("Galley beside istiod, as in deploy/istiod/beside.yaml,", async () => {
  const [patch] = (await documentsOf("beside.yaml")) as [Manifest];
  const { initContainers = [], volumes } = patch.spec.template.spec;
  const container = initContainers[0]!;
  const values = await valuesOf(container);

  test("is where istiod looks for it, and nowhere else", async () => {
    expect(await configuredAddress("beside-mesh-config.yaml")).toBe(values.xdsAddress.replace("tcp:", "xds:"));
    expect(values.xdsAddress).toContain("//127.0.0.1:");
    expect(values.serverAddress).toMatchObject({ kind: "tcp", host: "127.0.0.1" });
    expect(values.xdsAllow).toEqual([]);
  });

  test("takes no port that istiod has in the same pod", () => {
    const istiods = new Set([8080, 9876, 15010, 15012, 15014, 15017]);
    const xdsPort = Number(/\d+$/u.exec(values.xdsAddress)![0]);
    const serverPort = (values.serverAddress as { readonly port: number }).port;
    const own = [xdsPort, serverPort, values.monitoringPort, values.ctrlzPort];
    expect(own.filter((port) => istiods.has(port))).toEqual([]);
    expect(new Set(own).size).toBe(own.length);
    expect(page.text).toContain(`--admin=127.0.0.1:${values.ctrlzPort}`);
  });

  test("is probed where it answers, and reads what is mounted", () => {
    expectsItsProbes(container, values);
    expect(mountOf(container, volumes, values.configPath)).toBe("galley-config");
  });

  test("serves an istiod with these flags", async () => {
    await using server = await startLike(container, {});
    using istiod = new Istiod({ release: releaseOf("1.30"), address: server.xdsAddress, clock: systemClock });
    await istiod.synced();
    expect(istiod.ready).toBe(true);
  });
});

describe("Galley for several istiods, as in deploy/istiod/shared.yaml,", async () => {
  const all = (await documentsOf("shared.yaml")) as readonly Manifest[];
  const one = (kind: string): Manifest => all.find((manifest) => manifest.kind === kind)!;
  const { template } = one("Deployment").spec;
  const container = template.spec.containers![0]!;
  const values = await valuesOf(container);
  const XDS_PORT = 15051;

  test("is where istiod looks for it, through its Service and its NetworkPolicy", async () => {
    const { metadata, spec } = one("Service");
    const address = `xds://${metadata.name}.${metadata.namespace}.svc:${spec.ports[0]!.port}`;
    expect(await configuredAddress("shared-mesh-config.yaml")).toBe(address);
    expect(values.xdsAddress).toBe(`tcp://0.0.0.0:${XDS_PORT}`);
    expect(spec.ports[0]!.targetPort).toBe(XDS_PORT);
    expect(container.ports.map(({ containerPort }) => containerPort)).toEqual([XDS_PORT, values.monitoringPort]);
    expect(one("NetworkPolicy").spec.ingress[0]!.ports).toEqual([{ port: XDS_PORT }]);
  });

  test("is one set of pods for all that select them, in one namespace", () => {
    const { labels } = template.metadata;
    expect(one("Service").spec.selector).toEqual(labels);
    expect(one("NetworkPolicy").spec.podSelector).toEqual({ matchLabels: labels });
    for (const kind of ["Deployment", "PodDisruptionBudget"]) {
      expect(one(kind).spec.selector).toEqual({ matchLabels: labels });
    }
    const namespaced = all.filter(({ kind }) => kind !== "Namespace");
    expect(new Set(namespaced.map(({ metadata }) => metadata.namespace))).toEqual(
      new Set([one("Namespace").metadata.name]),
    );
  });

  test("is probed where it answers, and reads what is mounted", () => {
    expectsItsProbes(container, values);
    expect(mountOf(container, template.spec.volumes, values.configPath)).toBe("config");
    expect(mountOf(container, template.spec.volumes, values.xdsTlsCertFile)).toBe("tls");
    expect(mountOf(container, template.spec.volumes, values.xdsTlsKeyFile)).toBe("tls");
    // The MCP listener is plaintext: it must not leave the pod.
    expect(values.serverAddress).toMatchObject({ kind: "tcp", host: "127.0.0.1" });
  });

  test("is accepted by galley doctor from 1.26 on, and told apart from what 1.25 would make of it", async () => {
    const file = `${manifests}/shared-mesh-config.yaml`;
    expect(await runGalley("doctor", file, "--istio-version=1.26", "--strict")).toMatchObject({ code: 0 });
    const older = await runGalley("doctor", file, "--istio-version=1.25");
    expect(older.code).toBe(1);
    expect(older.stdout).toContain("tls-unsupported");
  });

  test("starts with these flags, over TLS and for those networks alone", async () => {
    const files = credentialFiles(serverCertificate("galley"));
    for (const [name, text] of Object.entries(files)) await folder.write(name, text);
    await using server = await startLike(container, {
      [values.xdsTlsCertFile]: folder.at("cert-chain.pem"),
      [values.xdsTlsKeyFile]: folder.at("key.pem"),
    });
    await server.ready();
    expect(server.stderr).toMatch(/xDS +tcp:\/\/0\.0\.0\.0:\d+ \(TLS, anyone in 10\.0\.0\.0\/8\)/u);
  });
});

/** A table of sinks without ages and ports, and what they change of its columns. */
function withoutChance(table: string): string[] {
  return table
    .trim()
    .split("\n")
    .map((line) =>
      line
        .replace(/(?<=127\.0\.0\.1:)\d+/u, "…")
        .replace(/\b\d+s\b/u, "…")
        .replaceAll(/ +/gu, " "),
    );
}

/** Probes come to the monitoring port, from outside of the pod. */
function expectsItsProbes(container: Container, values: ServerValues): void {
  const { startupProbe, readinessProbe = startupProbe, livenessProbe } = container;
  const at = (path: string): unknown => ({ path, port: values.monitoringPort });
  expect([startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => httpGet)).toEqual(
    ["/readyz", "/readyz", "/healthz"].map(at),
  );
  expect(values.monitoringAddress).toBe("*");
}

/** The volume in which a path is. */
function mountOf(
  container: Container,
  volumes: readonly { readonly name: string }[],
  path: string,
): string | undefined {
  const mount = container.volumeMounts.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
  return volumes.find(({ name }) => name === mount?.name)?.name;
}
