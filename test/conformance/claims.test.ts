import { expect, test } from "vitest";
import { PeerMemory, type PeerMemoryLimits } from "../../src/distribution/peer-memory.ts";
import type { BucketOptions } from "../../src/lib/token-bucket.ts";
import { RawSink, versions } from "../support/raw-sink.ts";
import { A, B, C, TestServer } from "../support/test-server.ts";
import { DeltaClient, node, SotwClient } from "../support/xds-client.ts";
import { ENTRIES } from "../support/xds-content.ts";
import { until } from "./peers/waiting.ts";

// What sinks name is remembered, and what they say they kept until they acknowledge a push: as much as it takes where they are
// honest, and no more than a limit where they are not.

const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

function many(count: number, version = "1", prefix = "ns"): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}/${i}`, version]));
}

async function start(
  limits: Partial<PeerMemoryLimits>,
  subscribes?: BucketOptions,
): Promise<{ server: TestServer; claims: PeerMemory }> {
  const claims = new PeerMemory({ freeBytes: 0, ...limits });
  const xds = { memory: claims, ...(subscribes !== undefined && { limit: subscribes }) };
  return { server: await TestServer.start({ mcp: { memory: claims }, xds }), claims };
}

test("a stream that says it kept masses of what is not served ends with the reason, and gives everything back", async () => {
  const { server, claims } = await start({ streamBytes: 100_000 });
  await using _server = server;
  server.publish({ [A]: many(500), [B]: {}, [C]: {} });
  using sink = new RawSink(server.address);
  sink.send({ collection: A, incremental: true, initialResourceVersions: many(500, "1", "unheard") });
  await sink.next();
  expect(claims.takenBytes).toBeGreaterThan(30_000);
  sink.send({ collection: B, incremental: true, initialResourceVersions: many(2000) });
  const { code, details } = await sink.status;
  expect([code, details]).toEqual([RESOURCE_EXHAUSTED, expect.stringContaining("subscribe without the versions")]);
  await server.sinks(0);
  expect(claims.takenBytes).toBe(0);
});

test("what was claimed is given back with the ACK, and counts no more when it is claimed anew", async () => {
  const { server, claims } = await start({ streamBytes: 100_000 });
  await using _server = server;
  server.publish({ [A]: { a: "1" } });
  using sink = new RawSink(server.address);
  for (let round = 0; round < 5; round++) {
    sink.send({ collection: A, incremental: true, initialResourceVersions: many(800) });
    const push = await sink.next();
    expect(push).toMatchObject({ incremental: true, removedResources: { length: 800 } });
    expect(claims.takenBytes).toBeGreaterThan(50_000);
    sink.ack(push, true);
    await until(() => claims.takenBytes === 0);
  }
});

test("when all streams together have claimed enough, who claims more is sent away, and who has what is served is not", async () => {
  const { server, claims } = await start({ totalBytes: 200_000 });
  await using _server = server;
  server.publish({ [A]: many(1000), [B]: {} });
  using greedy = new RawSink(server.address);
  greedy.send({ collection: B, incremental: true, initialResourceVersions: many(2000) });
  await greedy.next();
  const taken = claims.takenBytes;
  expect(taken).toBeGreaterThan(100_000);
  using another = new RawSink(server.address);
  another.send({ collection: B, incremental: true, initialResourceVersions: many(2000) });
  expect(await another.status).toMatchObject({
    code: UNAVAILABLE,
    details: expect.stringContaining("come back later"),
  });
  using client = new DeltaClient(server.address);
  client.send({ node, typeUrl: ENTRIES, initialResourceVersions: many(2000) });
  await client.until(() => client.status !== undefined);
  expect(client.status).toMatchObject({ code: UNAVAILABLE });
  using honest = new RawSink(server.address);
  honest.send({ collection: A, incremental: true, initialResourceVersions: many(1000) });
  expect(await honest.next()).toMatchObject({ incremental: true, resources: [], removedResources: [] });
  expect(claims.takenBytes).toBe(taken);
  greedy.cancel();
  await until(() => claims.takenBytes === 0);
});

test("what is claimed before anything is published counts until there is something to compare it with", async () => {
  const { server, claims } = await start({});
  await using _server = server;
  using sink = new RawSink(server.address);
  sink.send({
    collection: A,
    incremental: true,
    initialResourceVersions: { ...many(1000), "ns/gone": "1", "ns/7": "0" },
  });
  await until(() => claims.takenBytes > 50_000);
  server.publish({ [A]: many(1000) });
  const push = await sink.next();
  expect(push).toMatchObject({ incremental: true, removedResources: ["ns/gone"] });
  expect(versions(push)).toEqual({ "ns/7": "1" });
  expect(claims.takenBytes).toBeLessThan(200);
  expect(claims.takenBytes).toBeGreaterThan(0);
  sink.nack(push, true);
  server.publish({ [A]: { ...many(1000), "ns/8": "2" } });
  const next = await sink.next();
  expect([versions(next), next.removedResources]).toEqual([{ "ns/7": "1", "ns/8": "2" }, ["ns/gone"]]);
  sink.ack(next, true);
  await until(() => claims.takenBytes === 0);
});

const dialects = [
  ["the state of the world", (address: string) => new SotwClient(address)],
  ["deltas", (address: string) => new DeltaClient(address)],
] as const;

function named(count: number, prefix = "ns"): readonly string[] {
  return Object.keys(many(count, "1", prefix));
}

test.each(dialects)("a stream of %s that names masses of resources ends with the reason", async (_, open) => {
  const { server, claims } = await start({ streamBytes: 100_000 });
  await using _server = server;
  server.publish({ [A]: {}, [B]: {}, [C]: {} });
  using client = open(server.address);
  client.subscribe(ENTRIES, ...named(500));
  await client.next();
  expect(claims.takenBytes).toBeGreaterThan(30_000);
  client.subscribe("test.example/v1/Other", ...named(500));
  await until(() => claims.takenBytes > 60_000);
  client.subscribe("test.example/v1/More", ...named(500));
  const { code, details } = await client.ended();
  expect([code, details]).toEqual([RESOURCE_EXHAUSTED, expect.stringContaining("ask for everything")]);
  await server.sinks(0);
  expect(claims.takenBytes).toBe(0);
});

test.each(dialects)(
  "when enough is named, a stream of %s that names more is sent away, and no other",
  async (_, open) => {
    const { server, claims } = await start({ totalBytes: 200_000, freeBytes: 2000 });
    await using _server = server;
    server.publish({ [A]: {}, [B]: {}, [C]: { "ns/1": "1" } });
    using greedy = open(server.address);
    greedy.subscribe(ENTRIES, ...named(2000));
    await greedy.next();
    using another = open(server.address);
    another.subscribe(ENTRIES, ...named(2000));
    expect(await another.ended()).toMatchObject({
      code: UNAVAILABLE,
      details: expect.stringContaining("come back later"),
    });
    using few = open(server.address);
    few.subscribe(ENTRIES, "ns/1");
    await few.next();
    using wild = open(server.address);
    wild.subscribe(ENTRIES);
    await wild.next();
    greedy[Symbol.dispose]();
    await until(() => claims.takenBytes === 0);
  },
);

test("names that a delta client lets go of before it was told of them count until it was", async () => {
  const { server } = await start({ streamBytes: 100_000 });
  await using _server = server;
  using client = new DeltaClient(server.address);
  client.send({ node, typeUrl: ENTRIES, resourceNamesSubscribe: ["ns/a"] });
  for (let round = 0; round < 10; round++) {
    const names = [`${round}/${"x".repeat(50_000)}`];
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: names });
    client.send({ typeUrl: ENTRIES, resourceNamesUnsubscribe: names });
  }
  expect((await client.ended()).code).toBe(RESOURCE_EXHAUSTED);
});

test("names of a subscription that has to wait for its turn count like any", async () => {
  const { server, claims } = await start({ streamBytes: 100_000 }, { burst: 1, perSecond: 0.001 });
  await using _server = server;
  server.publish({ [A]: {}, [B]: {}, [C]: {} });
  using client = new SotwClient(server.address);
  client.subscribe(ENTRIES);
  await client.next();
  client.subscribe("test.example/v1/T1", ...named(500));
  await until(() => claims.takenBytes > 30_000);
  for (let i = 2; i < 10; i++) client.subscribe(`test.example/v1/T${i}`, ...named(500));
  expect((await client.ended()).code).toBe(RESOURCE_EXHAUSTED);
  await server.sinks(0);
  expect(claims.takenBytes).toBe(0);
});

test.each(dialects)(
  "a stream of %s that names more than 200,000 resources at once ends with the reason",
  async (_, open) => {
    const { server } = await start({});
    await using _server = server;
    using client = open(server.address);
    const names = Array.from({ length: 200_001 }, () => "n");
    if (client instanceof SotwClient) client.send({ node, typeUrl: ENTRIES, resourceNames: names });
    else client.send({ node, typeUrl: ENTRIES, resourceNamesSubscribe: names });
    const { code, details } = await client.ended();
    expect([code, details]).toEqual([RESOURCE_EXHAUSTED, expect.stringContaining("200000 resources")]);
  },
);
