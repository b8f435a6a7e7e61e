import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DeltaClient, deltaIn, deltaVersions } from "../support/xds-client.ts";
import { ENTRIES, entry, RULES } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// What a client of deltas may subscribe to, and how. Each request is written by the test.

let server: XdsServer;
let client: DeltaClient;

beforeEach(async () => {
  server = await XdsServer.start();
  client = new DeltaClient(server.address);
});

afterEach(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

describe("a wildcard", () => {
  test.each([
    ["of no names, as it used to be written,", []],
    ["written as a star", ["*"]],
  ])("%s is answered with everything, and from then on with what changed", async (_, names) => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, ...names);
    const first = await client.take();
    expect(first).toMatchObject({ typeUrl: ENTRIES });
    expect(first.nonce).not.toBe("");
    expect(deltaIn(first)).toEqual({ resources: ["a/1", "a/2"], removed: [] });
    server.publishEntries({ "a/1": "one", "a/2": "changed" });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/2"], removed: [] });
    server.publishEntries({ "a/1": "one" });
    expect(deltaIn(await client.take())).toEqual({ resources: [], removed: ["a/2"] });
    server.publishEntries({ "a/1": "one", "a/2": "back" });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/2"], removed: [] });
    server.publishEntries({ "a/1": "one", "a/2": "back", "a/3": "later" });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/3"], removed: [] });
    await client.silence();
  });

  test("on a type of which there is nothing is answered with nothing", async () => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe(RULES);
    expect(deltaIn(await client.take())).toEqual({ resources: [], removed: [] });
    await client.silence();
  });

  test("on a type that nobody knows is answered with nothing, and the stream goes on", async () => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe("type.googleapis.com/envoy.config.cluster.v3.Cluster");
    expect(await client.take()).toMatchObject({
      typeUrl: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
      resources: [],
      removedResources: [],
    });
    client.subscribe(ENTRIES);
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/1"], removed: [] });
  });

  test("is taken back with a star, and named resources stay", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "*", "a/1");
    expect(deltaIn(await client.take()).resources).toEqual(["a/1", "a/2"]);
    client.send({ typeUrl: ENTRIES, resourceNamesUnsubscribe: ["*"] });
    server.publishEntries({ "a/1": "changed", "a/2": "changed", "a/3": "new" });
    const next = await client.take();
    expect(deltaIn(next).resources).toEqual(["a/1"]);
    await client.silence();
  });

  test("can be added to names, and then brings the rest", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1");
    expect(deltaIn(await client.take()).resources).toEqual(["a/1"]);
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["*"] });
    expect(deltaIn(await client.take()).resources).toContain("a/2");
    server.publishEntries({ "a/1": "one", "a/2": "two", "a/3": "three" });
    expect(deltaIn(await client.take()).resources).toEqual(["a/3"]);
    await client.silence();
  });

  test("goes on beside a name that is subscribed and unsubscribed", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "*");
    await client.take();
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["a/1"] });
    expect(deltaIn(await client.take()).resources).toEqual(["a/1"]);
    client.send({ typeUrl: ENTRIES, resourceNamesUnsubscribe: ["a/1"] });
    server.publishEntries({ "a/1": "changed", "a/2": "two" });
    const wanted = entry("a/1", "changed").version;
    for (;;) {
      const next = await client.take();
      expect(next.removedResources).toEqual([]);
      expect(deltaIn(next).resources).toEqual(["a/1"]);
      if (deltaVersions(next)["a/1"] === wanted) break;
    }
    await client.silence();
  });
});

describe("names", () => {
  test("are answered with what they name, and nothing else is ever sent", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two", "b/1": "three" });
    client.subscribe(ENTRIES, "a/1", "b/1");
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/1", "b/1"], removed: [] });
    server.publishEntries({ "a/1": "one", "a/2": "changed", "b/1": "three", "c/1": "new" });
    await client.silence();
    server.publishEntries({ "a/1": "one", "a/2": "changed", "b/1": "changed", "c/1": "new" });
    expect(deltaIn(await client.take())).toEqual({ resources: ["b/1"], removed: [] });
    server.publishEntries({ "a/1": "one" });
    expect(deltaIn(await client.take())).toEqual({ resources: [], removed: ["b/1"] });
    server.publishEntries({ "a/1": "one", "b/1": "back" });
    expect(deltaIn(await client.take())).toEqual({ resources: ["b/1"], removed: [] });
  });

  test("that nobody has are answered as removed, and with the resource once there is one", async () => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe(ENTRIES, "a/1", "a/later");
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/1"], removed: ["a/later"] });
    await client.silence();
    server.publishEntries({ "a/1": "one", "a/later": "now" });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/later"], removed: [] });
  });

  test("alone that nobody has are answered, too", async () => {
    server.publishEntries({});
    client.subscribe(ENTRIES, "no/such");
    expect(deltaIn(await client.take())).toEqual({ resources: [], removed: ["no/such"] });
  });

  test("are added by a request without a nonce, and answered although the rest is not sent again", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1");
    await client.take();
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["a/2"] });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/2"], removed: [] });
    await client.silence();
  });

  test("that are asked for again are answered, though the client holds them", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1", "a/2");
    await client.take();
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["a/1"] });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/1"], removed: [] });
  });

  test("that were unsubscribed are heard of no more; the others are", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1", "a/2");
    await client.take();
    client.send({ typeUrl: ENTRIES, resourceNamesUnsubscribe: ["a/1"] });
    server.publishEntries({ "a/1": "changed", "a/2": "changed" });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/2"], removed: [] });
    server.publishEntries({ "a/2": "changed" });
    await client.silence();
  });

  test("that were all unsubscribed leave silence, not a wildcard", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1", "a/2");
    await client.take();
    client.send({ typeUrl: ENTRIES, resourceNamesUnsubscribe: ["a/1", "a/2"] });
    server.publishEntries({ "a/1": "changed", "a/3": "new" });
    await client.silence();
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["a/3"] });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/3"], removed: [] });
  });

  test("that were never subscribed can be unsubscribed", async () => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe(ENTRIES, "a/1");
    await client.take();
    client.send({ typeUrl: ENTRIES, resourceNamesUnsubscribe: ["b/1"] });
    await client.silence();
  });

  test("are subscribed and unsubscribed within an ACK", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1");
    const { nonce } = await client.next();
    client.send({
      typeUrl: ENTRIES,
      responseNonce: nonce,
      resourceNamesSubscribe: ["a/2"],
      resourceNamesUnsubscribe: ["a/1"],
    });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/2"], removed: [] });
    server.publishEntries({ "a/1": "changed", "a/2": "two" });
    await client.silence();
  });

  test("are subscribed within a NACK", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1");
    const { nonce } = await client.next();
    client.send({
      typeUrl: ENTRIES,
      responseNonce: nonce,
      errorDetail: { code: 3, message: "no" },
      resourceNamesSubscribe: ["a/2"],
    });
    expect(deltaIn(await client.take()).resources).toContain("a/2");
  });

  test("are subscribed with a nonce that is stale, too: a change of mind is no answer", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1");
    const old = await client.take();
    server.publishEntries({ "a/1": "changed", "a/2": "two" });
    await client.take();
    client.send({ typeUrl: ENTRIES, responseNonce: old.nonce, resourceNamesSubscribe: ["a/2"] });
    expect(deltaIn(await client.take()).resources).toContain("a/2");
  });

  test("are changed while an answer is awaited, and answered after it", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two", "a/3": "three" });
    client.subscribe(ENTRIES, "a/1");
    const first = await client.next();
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["a/2"] });
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["a/3"] });
    client.ack(first);
    const seen = new Set<string>();
    while (!seen.has("a/2") || !seen.has("a/3"))
      for (const name of deltaIn(await client.take()).resources) seen.add(name);
    expect([...seen].sort()).toEqual(["a/2", "a/3"]);
    await client.silence();
  });
});
