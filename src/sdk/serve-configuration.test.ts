import { expect, test } from "vitest";
import { issue } from "../grpc/testing/certificates.ts";
import { systemClock } from "../lib/clock.ts";
import { ManualClock } from "../lib/manual-clock.ts";
import { watchCollections } from "../mcp/sink/watch.ts";
import { istioCollections } from "../model/registry.ts";
import { SOURCE_END_MS } from "../runtime/pipeline.ts";
import { SHUTDOWN_MS } from "../server/listener.ts";
import type { ResourceDocument } from "../sources/memory/document.ts";
import { MemorySource } from "../sources/memory/source.ts";
import type { Source, SourceBatch } from "../sources/source.ts";
import { watchTypes } from "../xds/client/watch.ts";
import { serveConfiguration } from "./serve-configuration.ts";

const COLLECTION = "istio/networking/v1alpha3/gateways";
const TYPE = "networking.istio.io/v1/Gateway";

function gateway(name: string, port = 80): ResourceDocument {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name, namespace: "edge" },
    spec: { servers: [{ port: { number: port, name: "http", protocol: "HTTP" }, hosts: ["*"] }] },
  };
}

const set = (source: MemorySource, ...documents: readonly ResourceDocument[]): unknown =>
  expect(source.apply({ set: documents }).verdict).toBe("applied");

test("what code sets is served over MCP and over xDS, at one address and with one version", async () => {
  const source = new MemorySource({ registry: istioCollections() });
  set(source, gateway("a"), gateway("b"));
  await using server = await serveConfiguration({ sources: [source], address: "127.0.0.1:0" });
  const { address } = server;
  await using overMcp = watchCollections({ address, collections: [COLLECTION] });
  await using overXds = watchTypes({ address, typeUrls: [TYPE], incremental: true });
  const [mcp, xds] = [(await overMcp.next()).value!, (await overXds.next()).value!];
  expect(mcp.resources.map(({ name }) => name)).toEqual(["edge/a", "edge/b"]);
  expect(xds.resources.map(({ name, version }) => [name, version])).toEqual(
    mcp.resources.map(({ name, version }) => [name, version]),
  );
  expect(server.sinkCount).toBe(2);
  source.apply({ set: [gateway("a", 8080)], delete: [{ collection: COLLECTION, name: "edge/b" }] });
  const next = (await overXds.next()).value!;
  expect([next.incremental, next.resources.map(({ name }) => name), next.removed]).toEqual([
    true,
    ["edge/a"],
    ["edge/b"],
  ]);
  expect((await overMcp.next()).value!.resources.map(({ name }) => name)).toEqual(["edge/a"]);
});

test("nothing is served before every source has said all that it has", async () => {
  const source = new MemorySource({ registry: istioCollections() });
  set(source, gateway("a"));
  let say: (batch: SourceBatch) => void = () => undefined;
  const said = new Promise<SourceBatch>((resolve) => (say = resolve));
  const slow: Source = {
    name: "slow",
    async *read(signal) {
      yield await said;
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  };
  await using server = await serveConfiguration({ sources: [source, slow], address: "127.0.0.1:0" });
  let isReady = false;
  const ready = server.ready.then(() => (isReady = true));
  await using changes = watchTypes({ address: server.address, typeUrls: [TYPE] });
  const first = changes.next();
  while (server.sinkCount === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(isReady).toBe(false);
  say({ kind: "synced" });
  await ready;
  expect((await first).value!.resources.map(({ name }) => name)).toEqual(["edge/a"]);
});

test("what is held back from clients over xDS is among the problems", async () => {
  const source = new MemorySource({ registry: istioCollections() });
  set(source, gateway("a"), { ...gateway("nowhere"), metadata: { name: "nowhere" } });
  await using server = await serveConfiguration({ sources: [source], address: "127.0.0.1:0" });
  await using changes = watchTypes({ address: server.address, typeUrls: [TYPE] });
  expect((await changes.next()).value!.resources.map(({ name }) => name)).toEqual(["edge/a"]);
  expect(server.problems).toMatchObject([{ code: "no-namespace", subject: "Gateway nowhere" }]);
});

test("an address that can't be used is refused, and nothing is read then", async () => {
  let readings = 0;
  const source: Source = {
    name: "counted",
    read() {
      readings++;
      throw new Error("nobody should read this");
    },
  };
  const sources = [source];
  await expect(serveConfiguration({ sources, address: "nowhere" })).rejects.toThrow("is not an address");
  const empty = new MemorySource({ registry: istioCollections() });
  await using taken = await serveConfiguration({ sources: [empty], address: "127.0.0.1:0" });
  await expect(serveConfiguration({ sources, address: taken.address })).rejects.toThrow("EADDRINUSE");
  expect(readings).toBe(0);
});

test("who owes an answer for longer than the deadline loses its stream, over either protocol", async () => {
  const source = new MemorySource({ registry: istioCollections() });
  set(source, gateway("a"));
  const sweeps = new ManualClock();
  const clock = {
    ...systemClock,
    now: () => sweeps.now(),
    schedule: (ms: number, run: () => void) => (ms === 1000 ? sweeps : systemClock).schedule(ms, run),
  };
  await using server = await serveConfiguration({
    sources: [source],
    address: "127.0.0.1:0",
    pushDeadlineMs: 30_000,
    clock,
  });
  const ends: string[] = [];
  const onEvent = (event: { readonly kind: string; readonly message?: string }): void => {
    if (event.kind === "disconnected") ends.push(event.message!);
  };
  const { address } = server;
  await using overMcp = watchCollections({ address, collections: [COLLECTION], onEvent });
  await using overXds = watchTypes({ address, typeUrls: [TYPE], onEvent });
  await Promise.all([overMcp.next(), overXds.next()]);
  sweeps.advance(29_000);
  expect(server.sinkCount).toBe(2);
  sweeps.advance(3_000);
  expect(server.sinkCount).toBe(0);
  // The answers come too late, and the streams are not the ones that they were for.
  void overMcp.next();
  void overXds.next();
  while (ends.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(new Set(ends)).toEqual(new Set(["a push was not answered within the deadline"]));
});

test("a new certificate is what new connections are shown, and an unusable one changes nothing", async () => {
  const [first, second] = [issue({ name: "first", authority: true }), issue({ name: "second", authority: true })];
  const shown = (issuer: typeof first): { cert: string; key: string } =>
    issue({ name: "server", issuer, dns: ["localhost"] });
  const source = new MemorySource({ registry: istioCollections() });
  set(source, gateway("a"));
  const options = { sources: [source], address: "127.0.0.1:0" };
  await using server = await serveConfiguration({ ...options, tls: shown(first) });
  const address = server.address.replace("127.0.0.1", "localhost");
  const names = async (ca: string): Promise<readonly string[]> => {
    await using changes = watchTypes({ address, typeUrls: [TYPE], tls: { ca } });
    return (await changes.next()).value!.resources.map(({ name }) => name);
  };
  expect(await names(first.cert)).toEqual(["edge/a"]);
  expect(server.setCredentials({ cert: "nothing", key: "nothing" })).toMatchObject({ ok: false });
  expect(await names(first.cert)).toEqual(["edge/a"]);
  const { cert, key } = shown(second);
  expect(server.setCredentials({ cert, key })).toEqual({ ok: true });
  expect(await names(second.cert)).toEqual(["edge/a"]);
});

test("without a source, or with two of one name, it says what to do: neither would ever be ready", async () => {
  const address = "127.0.0.1:0";
  await expect(serveConfiguration({ sources: [], address })).rejects.toThrow(
    "there is nothing to serve: `sources` is empty; give at least one",
  );
  const sources = [1, 2].map(() => new MemorySource({ registry: istioCollections() }));
  await expect(serveConfiguration({ sources, address })).rejects.toThrow(
    'two sources are called "memory"; give each a `name` of its own',
  );
});

test("a source that holds nothing is ready at once", async () => {
  const source = new MemorySource({ registry: istioCollections() });
  await using server = await serveConfiguration({ sources: [source], address: "127.0.0.1:0" });
  await server.ready;
  await using changes = watchTypes({ address: server.address, typeUrls: [TYPE] });
  expect((await changes.next()).value!.resources).toEqual([]);
});

test("it is disposed of although a source ignores its signal", async () => {
  const stuck: Source = {
    name: "stuck",
    async *read() {
      yield { kind: "synced" };
      await new Promise(() => undefined);
    },
  };
  const graces = new ManualClock();
  const clock = {
    ...systemClock,
    schedule: (ms: number, run: () => void) => (ms === SOURCE_END_MS ? graces : systemClock).schedule(ms, run),
  };
  const server = await serveConfiguration({ sources: [stuck], address: "127.0.0.1:0", clock });
  await server.ready;
  const disposed = server[Symbol.asyncDispose]();
  while (graces.pending === 0) await new Promise((resolve) => setImmediate(resolve));
  graces.advance(SOURCE_END_MS);
  await disposed;
  expect(SOURCE_END_MS + SHUTDOWN_MS).toBeLessThan(5000);
});
