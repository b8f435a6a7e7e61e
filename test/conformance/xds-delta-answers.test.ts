import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DeltaClient, deltaIn, deltaVersions, node, unwrap } from "../support/xds-client.ts";
import { ENTRIES, entry, resource, RULES } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// What a client of deltas is answered, and what its own answers do. Each request is written by the test.

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

describe("a client that comes back", () => {
  test("with what it holds is sent only what differs, deletions included", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two", "a/3": "three" });
    client.subscribe(ENTRIES);
    const held = deltaVersions(await client.take());
    server.publishEntries({ "a/1": "one", "a/2": "changed", "a/4": "new" });
    using again = new DeltaClient(server.address);
    again.send({ node, typeUrl: ENTRIES, initialResourceVersions: { ...held, "b/unheard-of": "x" } });
    expect(deltaIn(await again.next())).toEqual({ resources: ["a/2", "a/4"], removed: ["a/3", "b/unheard-of"] });
  });

  test("with the same to another server is sent nothing but an empty answer", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "*");
    const held = deltaVersions(await client.take());
    await using other = await XdsServer.start();
    other.publish(entry("a/1", "one"), entry("a/2", "two"));
    using again = new DeltaClient(other.address);
    again.send({ node, typeUrl: ENTRIES, resourceNamesSubscribe: ["*"], initialResourceVersions: held });
    const answer = await again.next();
    expect(deltaIn(answer)).toEqual({ resources: [], removed: [] });
    again.ack(answer);
    other.publish(entry("a/1", "one"));
    expect(deltaIn(await again.next())).toEqual({ resources: [], removed: ["a/2"] });
  });

  test("by name is told which of what it holds is gone", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1", "a/2");
    const held = deltaVersions(await client.take());
    server.publishEntries({ "a/2": "two" });
    using again = new DeltaClient(server.address);
    again.send({
      node,
      typeUrl: ENTRIES,
      resourceNamesSubscribe: ["a/1", "a/2"],
      initialResourceVersions: held,
    });
    expect(deltaIn(await again.next()).removed).toEqual(["a/1"]);
  });

  test("and has other versions of everything gets everything", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.send({ node, typeUrl: ENTRIES, initialResourceVersions: { "a/1": "", "a/2": "x" } });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/1", "a/2"], removed: [] });
  });

  test("says so in its first request only: later it is told nothing by it", async () => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe(ENTRIES);
    const { nonce } = await client.next();
    client.send({ typeUrl: ENTRIES, responseNonce: nonce, initialResourceVersions: { "a/1": "x", "b/1": "y" } });
    await client.silence();
  });

  test("with very much is understood", async () => {
    const held = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`gone/resource-${i}`, `version-${i}`]));
    server.publishEntries({ "a/1": "one" });
    client.send({ node, typeUrl: ENTRIES, initialResourceVersions: held });
    const { resources, removedResources } = await client.take();
    expect(resources.map(({ name }) => name)).toEqual(["a/1"]);
    expect(new Set(removedResources)).toEqual(new Set(Object.keys(held)));
  });

  test("with very many names is understood", async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `gone/resource-${i}`);
    server.publishEntries({ "a/1": "one" });
    client.subscribe(ENTRIES, "a/1", ...names);
    const { resources, removedResources } = await client.take();
    expect(resources.map(({ name }) => name)).toEqual(["a/1"]);
    expect(new Set(removedResources)).toEqual(new Set(names));
  });
});

describe("an answer", () => {
  test("is awaited before the next, which has what is newest then", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES);
    const first = await client.next();
    for (const host of ["2", "3", "4"]) server.publishEntries({ "a/1": host });
    await client.silence();
    client.ack(first);
    const second = await client.take();
    expect(deltaIn(second)).toEqual({ resources: ["a/1"], removed: [] });
    using other = new DeltaClient(server.address);
    other.subscribe(ENTRIES);
    expect(deltaVersions(second)).toEqual(deltaVersions(await other.next()));
    await client.silence();
  });

  test("that is acknowledged with a stale nonce is still awaited", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES);
    const first = await client.take();
    server.publishEntries({ "a/1": "2" });
    const second = await client.next();
    server.publishEntries({ "a/1": "3" });
    client.ack(first);
    client.send({ typeUrl: ENTRIES, responseNonce: "no such nonce" });
    await client.silence();
    client.ack(second);
    expect(deltaIn(await client.take()).resources).toEqual(["a/1"]);
  });

  test("that is refused is not sent again, until there is something new", async () => {
    server.publishEntries({ "a/1": "1", "a/2": "2" });
    client.subscribe(ENTRIES);
    client.nack(await client.next());
    await client.silence();
    server.publishEntries({ "a/1": "1", "a/2": "changed" });
    expect(deltaIn(await client.take()).resources).toContain("a/2");
    await client.silence();
  });

  test("is refused by the error alone, whatever the nonce that comes with it", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES);
    await client.next();
    client.send({ typeUrl: ENTRIES, errorDetail: { code: 3, message: "no nonce at all" } });
    await client.silence();
    server.publishEntries({ "a/1": "2" });
    expect(deltaIn(await client.take()).resources).toEqual(["a/1"]);
  });

  test("has nonces of its own and the versions of the content", async () => {
    server.publishEntries({ "a/1": "1", "a/2": "2" });
    server.publish(entry("a/1", "1"), entry("a/2", "2"), resource("DestinationRule", "a/1"));
    client.subscribe(ENTRIES);
    client.subscribe(RULES);
    const answers = [await client.take(), await client.take()];
    expect(answers[0]!.nonce).not.toBe(answers[1]!.nonce);
    for (const { resources } of answers) {
      for (const { name, version, resource } of resources) {
        expect(unwrap(resource)).toMatchObject({ name, version });
        expect(version).not.toBe("");
      }
    }
  });

  test("of one type waits for no answer to one of another", async () => {
    server.publish(entry("a/1", "1"), resource("DestinationRule", "a/r"));
    client.subscribe(ENTRIES);
    await client.next();
    client.subscribe(RULES, "a/r");
    expect(await client.take()).toMatchObject({ typeUrl: RULES });
    server.publish(entry("a/1", "2"), resource("DestinationRule", "a/r", { body: { host: "other" } }));
    expect(await client.take()).toMatchObject({ typeUrl: RULES });
    await client.silence();
  });

  test("comes once for a publish that changes nothing: not at all", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES);
    await client.take();
    server.publishEntries({ "a/1": "1" });
    server.publishEntries({ "a/1": "2" });
    expect(deltaIn(await client.take()).resources).toEqual(["a/1"]);
    server.publishEntries({ "a/1": "2" });
    await client.silence();
  });

  test("comes under each version of a kind that was asked for, with the same resources", async () => {
    server.publishEntries({ "a/1": "1" });
    const urls = ["v1", "v1beta1", "v1alpha3"].map((version) => `networking.istio.io/${version}/ServiceEntry`);
    for (const url of urls) client.subscribe(url);
    const answers = [await client.take(), await client.take(), await client.take()];
    expect(answers.map(({ typeUrl }) => typeUrl).sort()).toEqual([...urls].sort());
    expect(new Set(answers.map((answer) => JSON.stringify(deltaVersions(answer)))).size).toBe(1);
    server.publishEntries({});
    for (let i = 0; i < 3; i++) expect(deltaIn(await client.take())).toEqual({ resources: [], removed: ["a/1"] });
    await client.silence();
  });
});

test("nothing is answered before there is a snapshot", async () => {
  client.subscribe(ENTRIES);
  client.subscribe(RULES, "a/r");
  using other = new DeltaClient(server.address);
  other.send({ typeUrl: ENTRIES });
  await other.ended(); // a request of a stream that came later was judged
  expect(client.unread).toBe(0);
  server.publishEntries({ "a/1": "1" });
  const answers = [await client.take(), await client.take()].map((answer) => [answer.typeUrl, deltaIn(answer)]);
  expect(Object.fromEntries(answers)).toEqual({
    [ENTRIES]: { resources: ["a/1"], removed: [] },
    [RULES]: { resources: [], removed: ["a/r"] },
  });
});

describe("a first request", () => {
  test.each([
    ["no node", undefined],
    ["a node without an id", { cluster: "c" }],
  ])("with %s ends the stream with INVALID_ARGUMENT", async (_, node) => {
    server.publishEntries({});
    client.send({ typeUrl: ENTRIES, ...(node && { node }) });
    expect(await client.ended()).toMatchObject({ code: 3 });
  });

  test("alone needs a node", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES);
    await client.take();
    client.send({ typeUrl: RULES });
    expect((await client.take()).typeUrl).toBe(RULES);
  });
});

test("a client that half-closes is let go with OK", async () => {
  server.publishEntries({});
  client.subscribe(ENTRIES);
  await client.take();
  client.halfClose();
  expect(await client.ended()).toMatchObject({ code: 0 });
});
