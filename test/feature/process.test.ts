import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { catalogue } from "../../src/admin/metrics/catalogue.ts";
import { frameMessage } from "../../src/grpc/frame.ts";
import { Observed } from "../../src/grpc/testing/events.ts";
import { frameTypes, RawClient, rawFrame } from "../../src/grpc/testing/raw-client.ts";
import { SOURCE_SERVICE, SOURCE_STREAM } from "../../src/mcp/protocol.ts";
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Serving,
} from "../../src/wire/gen/grpc/health/v1/health_pb.ts";
import { RequestResourcesSchema } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { watchTypes } from "../../src/xds/client/watch.ts";
import { GalleyProcess, runGalley, runGalleyInto } from "../support/galley-process.ts";
import { RawSink } from "../support/raw-sink.ts";

const gateways = "istio/networking/v1alpha3/gateways";
const serviceEntries = "istio/networking/v1alpha3/serviceentries";

let root: string;
/** The samples, and a collection that is too large for a sink that does not read. */
let samples: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "galley-process-"));
  samples = join(root, "samples");
  await cp("samples/leafpress", samples, { recursive: true });
  await writeFile(join(samples, "many.yaml"), Array.from({ length: 200 }, (_, i) => serviceEntry(i)).join("---\n"));
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

function serviceEntry(index: number): string {
  return `apiVersion: networking.istio.io/v1alpha3
kind: ServiceEntry
metadata: { name: e${index}, namespace: many, annotations: { padding: ${"x".repeat(1000)} } }
spec: { hosts: [e${index}.example], resolution: DNS, ports: [{ number: 443, name: tls, protocol: TLS }] }
`;
}

/** What the health service says of a service, and everything that it says from now on. */
class HealthWatch extends Observed implements Disposable {
  readonly said: Serving[] = [];
  readonly #client: grpc.Client;

  constructor(address: string, service: string) {
    super();
    this.#client = new grpc.Client(address, grpc.credentials.createInsecure());
    const call = this.#client.makeServerStreamRequest(
      "/grpc.health.v1.Health/Watch",
      (request: Uint8Array) => Buffer.from(request),
      (bytes: Buffer) => fromBinary(HealthCheckResponseSchema, bytes).status,
      toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service })),
    );
    call.on("error", () => undefined); // it ends with the server
    call.on("data", (status: Serving) => {
      this.said.push(status);
      this.changed();
    });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

/** A sink that has asked for more than it reads. */
async function blockedSink(server: GalleyProcess): Promise<RawClient> {
  const client = new RawClient(Number(server.address.split(":")[1]));
  client.begin();
  client.call(1, SOURCE_STREAM);
  const request = toBinary(RequestResourcesSchema, create(RequestResourcesSchema, { collection: serviceEntries }));
  client.send(rawFrame(frameTypes.data, 0, 1, Buffer.concat(frameMessage([request]))));
  await client.until(() => client.of(frameTypes.data).length > 0);
  client.socket.pause();
  return client;
}

async function get(url: string): Promise<readonly [status: number, text: string]> {
  const response = await fetch(url);
  return [response.status, await response.text()];
}

describe("a server that serves", () => {
  let server: GalleyProcess;

  beforeAll(async () => {
    server = await GalleyProcess.start(samples);
    await server.ready();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  test("says on stderr what it serves, where, and how to look at it", () => {
    expect(server.stderr).toMatch(/^galley \S+ serves 2\d\d resources in \d\d collections from \S+samples\n/);
    for (const place of [`tcp://${server.address}`, `--server=${server.address}`, `${server.monitoringUrl}/metrics`]) {
      expect(server.stderr).toContain(place);
    }
    expect(server.stderr).toContain(`${server.introspectionUrl}/api/v1/problems (none)`);
    expect(server.stderr).toMatch(/Ctrl-C stops it\.\n$/);
  });

  test("is alive, ready, and SERVING", async () => {
    expect(await get(`${server.monitoringUrl}/healthz`)).toEqual([200, "alive\n"]);
    expect(await get(`${server.monitoringUrl}/readyz`)).toEqual([200, "ready\n"]);
    for (const service of ["", SOURCE_SERVICE]) {
      using health = new HealthWatch(server.address, service);
      await health.until(() => health.said.length > 0);
      expect(health.said).toEqual([Serving.SERVING]);
    }
  });

  test("shows every metric of its catalogue", async () => {
    const [, page] = await get(`${server.monitoringUrl}/metrics`);
    const types = new Set([...page.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
    expect(Object.values(catalogue).filter(({ name }) => !types.has(name))).toEqual([]);
    expect(page).toMatch(/^galley_source_synced\{source="files"\} 1$/m);
    expect(page).toContain(`galley_runtime_state_type_instances_total{collection="${gateways}"} 1\n`);
  });

  test("is watched with galley watch", async () => {
    const { code, stdout } = await runGalley("watch", "gateways", "--once", "-o", "json", "-s", server.address);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        change: "initial",
        collection: gateways,
        name: "edge/storefront",
        body: { selector: expect.anything() as object },
      },
    ]);
  });

  test.runIf(existsSync("/dev/full"))("what is asked of it is never half told with status 0", async () => {
    const admin = `--admin=${server.introspectionUrl.replace("http://", "")}`;
    for (const words of [
      ["get", "gateways", "-o", "yaml", admin],
      ["status", admin],
      ["watch", "gateways", "-s", server.address],
      ["version", "--short"],
    ]) {
      const { code, stderr } = await runGalleyInto("/dev/full", ...words);
      expect([words[0], code, stderr]).toEqual([words[0], 1, expect.stringContaining("ENOSPC")]);
    }
  });

  test("looks again at every file when it gets SIGUSR1, and changes nothing if there is no change", async () => {
    using sink = new RawSink(server.address);
    sink.send({ collection: gateways });
    const first = await sink.next();
    sink.ack(first);
    server.signal("SIGUSR1");
    await server.record(({ msg }) => msg === "looking again at every file");
    await writeFile(join(samples, "new.yaml"), serviceEntry(1000));
    sink.send({ collection: serviceEntries });
    for (let push = await sink.next(); ; push = await sink.next()) {
      expect(push.collection).toBe(serviceEntries);
      sink.ack(push);
      if (push.resources.some(({ metadata }) => metadata?.name === "many/e1000")) break;
    }
  });

  test("keeps its ports: another server that wants one of them fails with status 1 and says so", async () => {
    const [, monitoringPort = ""] = /:(\d+)$/.exec(server.monitoringUrl) ?? [];
    const start = (address: string, port: string): ReturnType<typeof runGalley> =>
      runGalley(
        "server",
        "--insecure",
        "--config-path",
        samples,
        "--ctrlz-port=0",
        "--server-address",
        address,
        "--monitoring-port",
        port,
      );
    const [address, port] = await Promise.all([
      start(`tcp://${server.address}`, "0"),
      start("tcp://127.0.0.1:0", monitoringPort),
    ]);
    expect([address.code, port.code]).toEqual([1, 1]);
    expect(address.stderr).toMatch(new RegExp(`^error: .*${server.address}.*\\[GLY_LISTEN\\]\nhint: `));
    expect(port.stderr).toMatch(new RegExp(`^error: .*${monitoringPort}.*\\[GLY_LISTEN\\]\nhint: .*--monitoring-port`));
  });

  test("stops on SIGTERM with status 0, although a sink does not read, and tells the others", async () => {
    const blocked = await blockedSink(server);
    using sink = new RawSink(server.address);
    sink.send({ collection: gateways });
    await sink.next();
    server.signal("SIGTERM");
    expect(await sink.status).toMatchObject({ code: grpc.status.UNAVAILABLE, details: "server is shutting down" });
    expect(await server.ended()).toEqual({ code: 0, signal: null });
    expect(server.records.map(({ msg }) => msg)).toContain("stopped");
    expect(server.records.filter(({ level }) => level === "error")).toEqual([]);
    blocked.socket.destroy();
  });
});

describe("a server whose folder is missing", () => {
  test("is alive but not ready, says why, and serves as soon as the folder is there", async () => {
    const folder = join(root, "later");
    await using server = await GalleyProcess.start(folder);
    await server.record((record) => record["code"] === "folder-missing");
    using health = new HealthWatch(server.address, "");
    await health.until(() => health.said.length > 0);
    expect(await get(`${server.monitoringUrl}/healthz`)).toEqual([200, "alive\n"]);
    const [status, reason] = await get(`${server.monitoringUrl}/readyz`);
    expect([status, reason]).toEqual([503, expect.stringContaining(`${folder} does not exist`) as string]);
    expect(await server.problems()).toMatchObject([{ severity: "error", code: "folder-missing", file: folder }]);
    expect(server.stderr).not.toContain("Ctrl-C");
    using sink = new RawSink(server.address);
    sink.send({ collection: gateways });
    await sink.headers;

    await mkdir(folder);
    await server.ready();
    await health.until(() => health.said.length > 1);
    expect(health.said).toEqual([Serving.NOT_SERVING, Serving.SERVING]);
    expect(await get(`${server.monitoringUrl}/readyz`)).toEqual([200, "ready\n"]);
    expect(await server.problems()).toEqual([]);
    expect(await sink.next()).toMatchObject({ collection: gateways, resources: [] });
  });

  test("stops on SIGTERM all the same", async () => {
    await using server = await GalleyProcess.start(join(root, "never"));
    server.signal("SIGTERM");
    expect(await server.ended()).toEqual({ code: 0, signal: null });
  });
});

test("what is held back from clients over xDS is listed with the line where it stands now", async () => {
  const folder = join(root, "moving");
  await mkdir(folder);
  const text =
    "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: { name: nowhere }\nspec: { servers: [] }\n";
  await writeFile(join(folder, "gateway.yaml"), text);
  await using server = await GalleyProcess.start(folder);
  await server.ready();
  await using changes = watchTypes({ address: server.address, typeUrls: ["networking.istio.io/v1/Gateway"] });
  expect((await changes.next()).value!.resources).toEqual([]);
  const lines = async (): Promise<unknown> =>
    (await server.problems()).filter(({ code }) => code === "no-namespace").map(({ line }) => line);
  expect(await lines()).toEqual([1]);
  await writeFile(join(folder, "gateway.yaml"), `# 1\n# 2\n# 3\n${text}`);
  await vi.waitFor(async () => expect(await lines()).toEqual([4]), { timeout: 10_000, interval: 50 });
});

test("a server whose terminal is closed tells its sinks, and ends by the signal that says so", async () => {
  await using server = await GalleyProcess.start(samples);
  await server.ready();
  using sink = new RawSink(server.address);
  sink.send({ collection: gateways });
  await sink.next();
  server.signal("SIGHUP");
  expect(await sink.status).toMatchObject({ code: grpc.status.UNAVAILABLE, details: "server is shutting down" });
  expect(await server.ended()).toEqual({ code: null, signal: "SIGHUP" });
  expect(server.records.map(({ msg }) => msg)).toContain("stopped");
});

describe("a signal that comes again", () => {
  test("right after the first is the same: the server stops in an orderly way", async () => {
    await using server = await GalleyProcess.start(samples);
    await server.ready();
    using sink = new RawSink(server.address);
    sink.send({ collection: gateways });
    await sink.next();
    server.signal("SIGTERM");
    await server.record(({ msg }) => msg.startsWith("stopping"));
    server.signal("SIGTERM");
    server.signal("SIGINT");
    expect(await sink.status).toMatchObject({ code: grpc.status.UNAVAILABLE, details: "server is shutting down" });
    expect(await server.ended()).toEqual({ code: 0, signal: null });
    expect(server.records.map(({ msg }) => msg)).toContain("stopped");
  });

  test("after a second ends a server at once that is still waiting for a sink, and says so", async () => {
    await using server = await GalleyProcess.start(samples);
    await server.ready();
    const blocked = await blockedSink(server);
    const again = setInterval(() => server.signal("SIGINT"), 100);
    expect(await server.ended()).toEqual({ code: null, signal: "SIGINT" });
    clearInterval(again);
    expect(server.stderr).toContain("galley: SIGINT came again: it ends at once, and streams are cut off\n");
    expect(server.records.map(({ msg }) => msg)).not.toContain("stopped");
    blocked.socket.destroy();
  });
});

test("a server that was stopped ends, although something that was left to itself holds on", async () => {
  vi.stubEnv("NODE_OPTIONS", "--import=data:text/javascript,setInterval(()=>undefined,1000)");
  await using server = await GalleyProcess.start(samples);
  vi.unstubAllEnvs();
  await server.ready();
  server.signal("SIGTERM");
  expect(await server.ended()).toEqual({ code: 0, signal: null });
  expect(server.records.map(({ msg }) => msg)).toContain("stopped");
});

describe("a signal that comes before anything is loaded", () => {
  const asSoonAsHeeded = `process.on("newListener", function early(name) {
    if (name !== "SIGTERM") return;
    process.off("newListener", early);
    setImmediate(() => process.kill(process.pid, "SIGTERM"));
  });`;

  beforeAll(() => {
    vi.stubEnv("NODE_OPTIONS", `--import=data:text/javascript,${encodeURIComponent(asSoonAsHeeded)}`);
  });

  afterAll(() => {
    vi.unstubAllEnvs();
  });

  test("has a server stop in an orderly way: nothing but the listening for it is loaded first", async () => {
    const flags = ["--server-address=tcp://127.0.0.1:0", "--monitoring-port=0", "--ctrlz-port=0"];
    const ended = await runGalley("server", "--insecure", `--config-path=${samples}`, ...flags);
    expect(ended).toMatchObject({ code: 0, signal: null, stderr: "" });
    expect(ended.stdout).toContain("stopped before anything was served");
    const program = await readFile("src/cli/main.ts", "utf8");
    expect([...program.matchAll(/^import .* from "(.*)";$/gm)].map(([, name]) => name)).toEqual(["./interrupted.ts"]);
    expect(await readFile("src/cli/interrupted.ts", "utf8")).not.toMatch(/^import /m);
  });

  test("ends any other command", async () => {
    expect(await runGalley("status")).toMatchObject({ code: null, signal: "SIGTERM" });
  });
});

describe("a server that is told to look at its files again", () => {
  const asItStops = `process.on("newListener", function early(name) {
    if (name !== "SIGTERM") return;
    process.off("newListener", early);
    setImmediate(() => process.kill(process.pid, "SIGUSR1"));
    process.once("SIGTERM", () => setImmediate(() => process.kill(process.pid, "SIGUSR1")));
  });`;

  afterAll(() => {
    vi.unstubAllEnvs();
  });

  test("before it has read them, or as it stops, does not open Node's debugger", async () => {
    vi.stubEnv("NODE_OPTIONS", `--import=data:text/javascript,${encodeURIComponent(asItStops)}`);
    await using server = await GalleyProcess.start(samples);
    await server.ready();
    server.signal("SIGTERM");
    expect(await server.ended()).toEqual({ code: 0, signal: null });
    expect(server.stderr).not.toContain("Debugger");
  });
});

describe.runIf(process.platform === "linux")("a server that may open few files", () => {
  test("says so, and takes no more connections than leave enough to read configuration with", async () => {
    await using server = await GalleyProcess.startWith(128, samples);
    await server.ready();
    expect(server.records).toContainEqual(
      expect.objectContaining({ msg: expect.stringMatching(/ulimit -n/) as string, connections: 64, openFiles: 128 }),
    );
    using sink = new RawSink(server.address);
    sink.send({ collection: serviceEntries });
    sink.ack(await sink.next());
    const [host, port] = server.address.split(":");
    const others = Array.from({ length: 200 }, () => connect(Number(port), host));
    for (const socket of others) socket.on("error", () => undefined);
    await server.record(({ reason }) => reason === "there are 64 connections, as many as there may be");

    await writeFile(join(samples, "crowded.yaml"), serviceEntry(2000));
    const push = await sink.next();
    expect(push.resources.map(({ metadata }) => metadata?.name)).toContain("many/e2000");
    expect(await get(`${server.monitoringUrl}/readyz`)).toEqual([200, "ready\n"]);
    expect(server.records.filter(({ level }) => level === "error")).toEqual([]);
    for (const socket of others) socket.destroy();
  });
});

describe("a server does not start, and says what to do,", () => {
  test.each([
    ["without certificates or --insecure", 1, "GLY_NO_TLS", "--insecure", ["--config-path=samples/leafpress"]],
    ["without a folder", 1, "GLY_NO_SOURCE", "--config-path", ["--insecure"]],
    ["with a flag that it does not have", 255, "GLY_UNKNOWN_FLAG", "--insecure", ["--insecur"]],
    ["with a port that is none", 255, "GLY_VALUE", "--monitoring-port", ["--monitoring-port=70000"]],
  ])("%s", async (_, status, code, words, flags) => {
    const { code: exitCode, stdout, stderr } = await runGalley("server", ...flags);
    expect(exitCode).toBe(status);
    expect(stderr).toContain(`[${code}]`);
    expect(stderr).toContain(words);
    expect(stdout).not.toContain('"level":"error"');
  });
});
