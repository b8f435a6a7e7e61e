import { expect, test } from "vitest";
import { watchCollections } from "../mcp/sink/watch.ts";
import { istioCollections } from "../model/registry.ts";
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
  await using taken = await serveConfiguration({ sources: [], address: "127.0.0.1:0" });
  await expect(serveConfiguration({ sources, address: taken.address })).rejects.toThrow("EADDRINUSE");
  expect(readings).toBe(0);
});
