import * as grpc from "@grpc/grpc-js";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GalleyProcess, runGalley } from "../support/galley-process.ts";
import { RawSink, versions } from "../support/raw-sink.ts";

// The real process from outside: how it starts, what it tells, and how it stops.

const GATEWAYS = "istio/networking/v1alpha3/gateways";
const gateway = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a, namespace: edge}\nspec: {}\n";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-process-"));
  await writeFile(join(folder, "a.yaml"), gateway);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** gRPC health of the whole server: 1 is SERVING, 2 is NOT_SERVING. */
function health(address: string): Promise<number | undefined> {
  const client = new grpc.Client(address, grpc.credentials.createInsecure());
  return new Promise((resolve, reject) => {
    const same = (bytes: Buffer): Buffer => bytes;
    client.makeUnaryRequest("/grpc.health.v1.Health/Check", same, same, Buffer.alloc(0), (error, response) => {
      client.close();
      if (error === null) resolve(response?.[1]);
      else reject(error);
    });
  });
}

async function status(url: string): Promise<number> {
  return (await fetch(url)).status;
}

test("says what it serves, where, and how to look at it; answers probes, health and metrics; stops when told, whatever sinks do", async () => {
  await using server = await GalleyProcess.start(folder);
  await server.ready();
  expect(server.stderr).toContain(`serves 2 resources in 2 collections from ${folder}`);
  expect(server.stderr).toContain(server.address);
  expect(server.stderr).toContain("npx galley watch");
  expect(server.stderr).toContain(`${server.monitoringUrl}/metrics`);
  expect(await status(`${server.monitoringUrl}/healthz`)).toBe(200);
  expect(await status(`${server.monitoringUrl}/readyz`)).toBe(200);
  expect(await health(server.address)).toBe(1);

  // Scenario 62: what a conversation leaves in the metrics.
  using sink = new RawSink(server.address);
  sink.send({ collection: GATEWAYS });
  const first = await sink.next();
  expect((await sink.headers).get("config.source.version")[0]).toMatch(/^\d+\.\d+/);
  sink.ack(first);
  await writeFile(join(folder, "b.yaml"), gateway.replace("name: a", "name: b"));
  sink.nack(await sink.next());
  const metrics = async (): Promise<string> => (await fetch(`${server.monitoringUrl}/metrics`)).text();
  const nacked = `istio_mcp_request_nacks_total{component="galley",collection="${GATEWAYS}",code="InvalidArgument"} 1`;
  while (!(await metrics()).includes(nacked)) await new Promise((resolve) => setTimeout(resolve, 20));
  const text = await metrics();
  expect(text).toContain(`istio_mcp_request_acks_total{component="galley",collection="${GATEWAYS}"} 1`);
  expect(text).toContain('istio_mcp_clients_total{component="galley"} 1');
  expect(text).toContain("istio_mcp_message_sizes_bytes_bucket");
  expect(text).toContain('galley_istio_networking_gateways{version="v1alpha3"} 2');
  expect(text).toContain(`galley_runtime_state_type_instances_total{collection="${GATEWAYS}"} 2`);
  await rm(join(folder, "b.yaml"));

  const stuck = new RawSink(server.address);
  stuck.pause();
  stuck.send({ collection: GATEWAYS });
  await new Promise((resolve) => setTimeout(resolve, 100));
  server.signal("SIGTERM");
  expect(await server.ended()).toEqual({ code: 0, signal: null });
  expect((await sink.status).code).toBe(grpc.status.UNAVAILABLE);
  stuck[Symbol.dispose]();
}, 60_000);

test("a file that is changed without a sign is found on SIGUSR1, and by a PUT where Galley 1.3.6 had one", async () => {
  await using server = await GalleyProcess.start(folder);
  await server.ready();
  server.signal("SIGUSR1");
  await server.record((record) => record.msg.includes("looking again"));
  const before = server.records.length;
  const put = await fetch(`${server.introspectionUrl}/signalj/SIGUSR1`, { method: "PUT" });
  expect(put.ok).toBe(true);
  await server.record((record) => record.msg.includes("looking again"), before);
}, 60_000);

test("waits for its folder, unready and with a reason, and serves when it appears", async () => {
  const later = join(folder, "..", `${folder.split("/").at(-1)}-later`);
  await using server = await GalleyProcess.start(later);
  const ready = await fetch(`${server.monitoringUrl}/readyz`);
  expect([ready.status, await health(server.address)]).toEqual([503, 2]);
  expect(await ready.text()).toContain("files");
  using sink = new RawSink(server.address);
  sink.send({ collection: GATEWAYS });
  await sink.headers;
  await mkdir(later);
  await writeFile(join(later, "a.yaml"), gateway);
  expect(Object.keys(versions(await sink.next()))).toEqual(["edge/a"]);
  await server.ready();
  expect([await status(`${server.monitoringUrl}/readyz`), await health(server.address)]).toEqual([200, 1]);
  await rm(later, { recursive: true });
}, 60_000);

test("galley watch, status and get show a running server", async () => {
  await using server = await GalleyProcess.start(folder);
  await server.ready();
  const watched = await runGalley("watch", "gateways", "--once", "-o", "json", `--server=${server.address}`);
  expect([watched.code, JSON.parse(watched.stdout)]).toMatchObject([
    0,
    { change: "initial", collection: GATEWAYS, name: "edge/a", body: {} },
  ]);
  const admin = `--admin=${server.introspectionUrl.replace("http://", "")}`;
  const shown = await runGalley("status", admin);
  expect([shown.code, shown.stdout]).toMatchObject([0, expect.stringContaining("ready")]);
  const got = await runGalley("get", "gateways", "edge/a", "-o", "yaml", admin);
  expect(got.stdout).toContain("kind: Gateway");
  expect((await runGalley("watch", "nonsense")).code).toBe(255);
  const unsupported = await runGalley("watch", "istio/no/such/thing", "--once", `--server=${server.address}`);
  expect([unsupported.code, unsupported.stderr]).toMatchObject([1, expect.stringContaining("does not serve")]);
}, 120_000);

test("a start that can't be says why and what to do, with a status that scripts can use", async () => {
  const tls = await runGalley("server", `--config-path=${folder}`);
  expect(tls.code).toBe(1);
  expect(tls.stderr).toContain("--insecure");
  const nothing = await runGalley("server", "--insecure");
  expect([nothing.code, nothing.stderr]).toMatchObject([1, expect.stringContaining("--config-path")]);
  const kubernetes = await runGalley("server", "--insecure", `--config-path=${folder}`, "--kubeconfig=x");
  expect([kubernetes.code, kubernetes.stderr]).toMatchObject([255, expect.stringContaining("kubeconfig")]);
  await using server = await GalleyProcess.start(folder);
  const address = `--server-address=tcp://${server.address}`;
  const taken = await runGalley(
    "server",
    "--insecure",
    `--config-path=${folder}`,
    address,
    "--monitoring-port=0",
    "--ctrlz-port=0",
  );
  expect([taken.code, taken.stderr]).toMatchObject([1, expect.stringContaining("GLY_LISTEN")]);
}, 120_000);
