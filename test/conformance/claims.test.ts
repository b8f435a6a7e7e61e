import { expect, test } from "vitest";
import { ClaimBudget, type ClaimLimits } from "../../src/distribution/claim-budget.ts";
import { RawSink, versions } from "../support/raw-sink.ts";
import { A, B, C, TestServer } from "../support/test-server.ts";
import { DeltaClient, node } from "../support/xds-client.ts";
import { ENTRIES } from "../support/xds-content.ts";
import { until } from "./peers/waiting.ts";

// What sinks say they kept is remembered until they acknowledge a push: as much as it takes where they are honest, and no more than
// a limit where they are not.

const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

function many(count: number, version = "1", prefix = "ns"): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}/${i}`, version]));
}

async function start(limits: Partial<ClaimLimits>): Promise<{ server: TestServer; claims: ClaimBudget }> {
  const claims = new ClaimBudget({ freeBytes: 0, ...limits });
  return { server: await TestServer.start({ mcp: { claims }, xds: { claims } }), claims };
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
  expect([code, details]).toEqual([RESOURCE_EXHAUSTED, expect.stringContaining("subscribe without them")]);
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
