import { writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Arrived } from "../../src/cli/watch/printer.ts";
import { watchXds } from "../../src/cli/watch/xds-session.ts";
import { TestFolder } from "../../src/grpc/credentials/testing/folder.ts";
import { Observed } from "../../src/grpc/testing/events.ts";
import { GalleyProcess, runGalley } from "../support/galley-process.ts";

// `galley watch --xds`, against the server itself.

const ENTRIES = "networking.istio.io/v1/ServiceEntry";

let folder: TestFolder;
beforeEach(async () => {
  folder = await TestFolder.make();
});
afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

interface Line {
  readonly change: string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly body?: object;
}

async function watchOnce(address: string, ...args: readonly string[]): Promise<readonly Line[]> {
  const { code, stdout, stderr } = await runGalley("watch", "--xds", "--once", "-o", "json", "-s", address, ...args);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  const lines = stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Line);
}

/** Names with their versions, whichever kind came first: two may share a name. */
function contentOf(lines: readonly Line[]): readonly string[] {
  return lines.map(({ name, version }) => `${name} ${version}`).sort();
}

describe("against galley server", () => {
  test("every way of asking shows the same resources in the versions that a sink of MCP sees", async () => {
    await using server = await GalleyProcess.start("samples", "--xds-address=127.0.0.1:0");
    await server.ready();
    const state = await watchOnce(server.xdsAddress, "VirtualService", "istio/networking/v1alpha3/gateways");
    const delta = await watchOnce(server.xdsAddress, "--delta", "virtualservices", "networking.istio.io/v1/Gateway");
    const istiod = await watchOnce(server.address, "--as-istiod", "networking.istio.io/v1beta1/VirtualService");
    const mcp = await runGalley("watch", "virtualservices", "gateways", "--once", "-o", "json", "-s", server.address);
    const sink = mcp.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
    expect(new Set(state.map(({ type }) => type))).toEqual(
      new Set(["networking.istio.io/v1/VirtualService", "networking.istio.io/v1/Gateway"]),
    );
    expect(contentOf(state)).toContainEqual(expect.stringMatching(/^shop\/reviews .{22}$/u));
    expect(contentOf(delta)).toEqual(contentOf(state));
    expect(contentOf(sink)).toEqual(contentOf(state));
    expect(istiod.map(({ name }) => name)).toContain("shop/reviews");
    expect(state.find(({ name }) => name === "shop/reviews")).toMatchObject({ change: "initial", body: { http: {} } });
  }, 60_000);

  test("without a name it asks for all that istiod asks for, the mesh config among it", async () => {
    await using server = await GalleyProcess.start("samples", "--xds-address=127.0.0.1:0");
    await server.ready();
    const { code, stdout, stderr } = await runGalley("watch", "--xds", "--once", "-s", server.xdsAddress);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CHANGE +TYPE +NAME +VERSION +AGE\n/u);
    expect(stdout).toContain("core/v1alpha1/MeshConfig");
    expect(stdout).toMatch(/security\.istio\.io\/v1\/PeerAuthentication +istio-system\/default/u);
    expect(stderr).toMatch(/^\d+ resources in \d+ types\n$/u);
  });

  test("a client of one revision is not shown what is labelled for another", async () => {
    const entry = (name: string, revision: string): string =>
      [
        "apiVersion: networking.istio.io/v1",
        "kind: ServiceEntry",
        `metadata: {name: ${name}, namespace: a, labels: {istio.io/rev: ${revision}}}`,
        `spec: {hosts: [${name}.example], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}`,
      ].join("\n");
    await folder.write("all.yaml", [entry("blue", "blue"), entry("green", "green")].join("\n---\n"));
    await using server = await GalleyProcess.start(folder.path, "--xds-address=127.0.0.1:0");
    await server.ready();
    const seen = await watchOnce(server.xdsAddress, "--revision=blue", "ServiceEntry");
    expect(seen.map(({ name }) => name)).toEqual(["a/blue"]);
  });

  test("a network that --xds-allow leaves out is told which flag it is", async () => {
    await using server = await GalleyProcess.start("samples", "--xds-address=127.0.0.1:0", "--xds-allow=10.0.0.0/8");
    await server.ready();
    const args = ["watch", "--xds", "--timeout=1s", "-s", server.xdsAddress, "Gateway"];
    const { code, stderr } = await runGalley(...args);
    expect(code).toBe(1);
    expect(stderr).toContain("the peer's address is in none of the allowed networks; trying again in");
    expect(stderr).toMatch(/^hint: the server's --xds-allow lists the networks/mu);
    expect(stderr).toContain("networking.istio.io/v1/Gateway is missing [GLY_TIMEOUT]");
  });
});

/** A server entry that can move: it forwards to the newest target, and counts what comes back from it. */
class Relay extends Observed implements Disposable {
  received = 0;
  target = "";
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    super();
    this.#server = createServer((near) => this.#forward(near));
  }

  static async start(): Promise<Relay> {
    const relay = new Relay();
    await new Promise<void>((resolve) => relay.#server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #forward(near: Socket): void {
    const [host, port] = this.target.split(":");
    const far = connect(Number(port), host);
    far.on("data", (bytes) => (this.received += bytes.length));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => to.destroy());
      from.once("close", () => to.destroy());
      from.pipe(to);
    }
  }
}

function entries(count: number): string {
  return Array.from(
    { length: count },
    (_, i) => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: entry-${i}, namespace: a}
spec: {hosts: [host-${i}.example], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}
`,
  ).join("---\n");
}

test("after a restart of the server deltas go on where they were: only what changed meanwhile comes", async () => {
  const file = folder.at("all.yaml");
  await writeFile(file, entries(500));
  using relay = await Relay.start();
  const seen = new Observed();
  const arrivals: Arrived[] = [];
  const stop = new AbortController();
  const first = await GalleyProcess.start(folder.path, "--xds-address=127.0.0.1:0");
  relay.target = first.xdsAddress;
  const watching = watchXds(
    {
      node: { id: "galley-watch~test", metadata: {} },
      typeUrls: [ENTRIES],
      mode: "delta",
      dialect: "standard",
      backoff: { minMs: 50, maxMs: 50, factor: 1, jitter: 0 },
    },
    {
      address: relay.address,
      tls: undefined,
      signal: stop.signal,
      wall: () => 0,
      arrived(what) {
        arrivals.push(what);
        seen.changed();
      },
      complete: () => undefined,
      note: () => undefined,
    },
  );
  try {
    await seen.until(() => arrivals.length === 1);
    expect(arrivals[0]!.effects).toHaveLength(500);
    const whole = relay.received;
    expect(whole).toBeGreaterThan(100_000);

    await first[Symbol.asyncDispose]();
    await writeFile(file, entries(499));
    await using second = await GalleyProcess.start(folder.path, "--xds-address=127.0.0.1:0");
    relay.target = second.xdsAddress;
    await seen.until(() => arrivals.length === 2);
    expect(arrivals[1]).toMatchObject({ first: false, effects: [{ kind: "deleted", name: "a/entry-499" }] });
    expect(arrivals[1]!.effects).toHaveLength(1);
    expect(relay.received - whole).toBeLessThan(whole / 50);
  } finally {
    stop.abort();
    await watching;
  }
}, 60_000);
