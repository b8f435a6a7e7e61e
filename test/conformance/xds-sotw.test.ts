import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { namesIn, node, SotwClient, sotwVersions } from "../support/xds-client.ts";
import { ENTRIES, entry, resource, RULES } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// What a client of the state of the world may rely on that is not istiod. Each request is written by the test.

let server: XdsServer;
let client: SotwClient;

beforeEach(async () => {
  server = await XdsServer.start();
  client = new SotwClient(server.address);
});

afterEach(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

describe("everything of a type", () => {
  test("is answered whole, again at each change, and never otherwise", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES);
    const first = await client.take();
    expect(first).toMatchObject({ typeUrl: ENTRIES });
    expect(namesIn(first)).toEqual(["a/1", "a/2"]);
    await client.silence();
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    await client.silence();
    server.publishEntries({ "a/1": "one" });
    expect(namesIn(await client.take())).toEqual(["a/1"]);
    server.publishEntries({});
    expect(namesIn(await client.take())).toEqual([]);
    server.publishEntries({ "a/1": "one" });
    const back = await client.take();
    expect(sotwVersions(back)).toEqual({ "a/1": sotwVersions(first)["a/1"] });
    await client.silence();
  });

  test.each([
    ["a nonce that nobody has sent", { responseNonce: "2026-08-22 15:00:18.1 +0000 UTC m=+1.0" }],
    ["a version from another stream", { versionInfo: "some version" }],
    ["both", { responseNonce: "7", versionInfo: "7" }],
    // An error can only be about an answer on another stream.
    ["an error", { responseNonce: "7", errorDetail: { code: 3, message: "old" } }],
  ])("is answered although the first request has %s", async (_, more) => {
    server.publishEntries({ "a/1": "one" });
    client.send({ node, typeUrl: ENTRIES, ...more });
    expect(namesIn(await client.take())).toEqual(["a/1"]);
    await client.silence();
  });

  test("is answered with nothing where there is nothing, and for types that nobody knows", async () => {
    server.publishEntries({ "a/1": "one" });
    const urls = [
      RULES,
      "type.googleapis.com/envoy.config.cluster.v3.Cluster",
      "networking.istio.io/v1/NoSuchKind",
      "networking.istio.io/latest/ServiceEntry",
      "not/three/parts/but/five",
      "plain",
      "/",
      "//",
      "x".repeat(1_000),
      "istio.io/debug/syncz",
      "\u0000\u{1F600}",
    ];
    for (const url of urls) {
      client.subscribe(url);
      expect(await client.take()).toMatchObject({ typeUrl: url, resources: [] });
    }
    client.subscribe(ENTRIES);
    expect(namesIn(await client.take())).toEqual(["a/1"]);
  });

  test("is answered under a version that Istio may add one day: nothing there would mean that all is deleted", async () => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe("networking.istio.io/v2/ServiceEntry");
    const answer = await client.take();
    expect(answer.typeUrl).toBe("networking.istio.io/v2/ServiceEntry");
    expect(namesIn(answer)).toEqual(["a/1"]);
  });

  test("is answered under each version of the kind that was asked for", async () => {
    server.publishEntries({ "a/1": "one" });
    const urls = ["v1", "v1beta1", "v1alpha3"].map((version) => `networking.istio.io/${version}/ServiceEntry`);
    for (const url of urls) client.subscribe(url);
    for (const hosts of [1, 0]) {
      const answers = [await client.take(), await client.take(), await client.take()];
      expect(answers.map(({ typeUrl }) => typeUrl).sort()).toEqual([...urls].sort());
      expect(new Set(answers.map(({ nonce }) => nonce)).size).toBe(3);
      expect(answers.map(({ resources }) => resources.length)).toEqual([hosts, hosts, hosts]);
      server.publishEntries({});
    }
    await client.silence();
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
    expect(sotwVersions(await client.take())).toEqual({ "a/1": entry("a/1", "4").version });
    await client.silence();
  });

  test("is followed by nothing when the content is again what was sent", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES);
    const first = await client.next();
    server.publishEntries({ "a/1": "2" });
    server.publishEntries({ "a/1": "1" });
    client.ack(first);
    await client.silence();
  });

  test("of one type waits for no answer to one of another", async () => {
    server.publish(entry("a/1", "1"), resource("DestinationRule", "a/r"));
    client.subscribe(ENTRIES);
    await client.next();
    client.subscribe(RULES);
    expect((await client.take()).typeUrl).toBe(RULES);
    server.publish(entry("a/1", "2"), resource("DestinationRule", "a/r", { body: { host: "other" } }));
    expect((await client.take()).typeUrl).toBe(RULES);
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
    client.send({ typeUrl: ENTRIES, versionInfo: second.versionInfo, responseNonce: "no such nonce" });
    await client.silence();
    client.ack(second);
    expect(sotwVersions(await client.take())).toEqual({ "a/1": entry("a/1", "3").version });
  });

  test("that is acknowledged twice is acknowledged once", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES);
    client.ack(await client.take());
    await client.silence();
  });

  test("that is refused is not sent again, until there is something new", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES);
    client.nack(await client.next());
    await client.silence();
    server.publishEntries({ "a/1": "1" });
    await client.silence();
    server.publishEntries({ "a/1": "2" });
    expect(sotwVersions(await client.take())).toEqual({ "a/1": entry("a/1", "2").version });
    await client.silence();
  });

  test("that is never acknowledged is given up when there is something new, in the end", async () => {
    const clock = new ManualClock();
    await using patient = await XdsServer.start(clock);
    using silentOne = new SotwClient(patient.address);
    patient.publish(entry("a/1", "1"));
    silentOne.subscribe(ENTRIES);
    const first = await silentOne.next();
    patient.publish(entry("a/1", "2"));
    await patient.heard();
    expect(silentOne.unread).toBe(0);
    for (let seconds = 0; seconds < 120; seconds++) clock.advance(1_000);
    expect(sotwVersions(await silentOne.next())).toEqual({ "a/1": entry("a/1", "2").version });
    // What was given up is stale from then on.
    patient.publish(entry("a/1", "3"));
    silentOne.ack(first);
    await patient.heard();
    expect(silentOne.unread).toBe(0);
  });

  test("that is refused while there is something new already is followed by that", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES);
    const first = await client.next();
    server.publishEntries({ "a/1": "2" });
    client.nack(first);
    expect(sotwVersions(await client.take())).toEqual({ "a/1": entry("a/1", "2").version });
  });

  test("has a nonce of its own, and a version that is a matter of content", async () => {
    const versions: string[] = [];
    const nonces = new Set<string>();
    client.subscribe(ENTRIES);
    for (const host of ["1", "2", "1"]) {
      server.publishEntries({ "a/1": host });
      const { versionInfo, nonce } = await client.take();
      versions.push(versionInfo);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(3);
    expect(versions[0]).toBe(versions[2]);
    expect(versions[0]).not.toBe(versions[1]);
    expect(versions[0]).not.toBe("");
  });
});

describe("names", () => {
  test("are answered with what they name, when it changes and only then", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two", "b/1": "three" });
    client.subscribe(ENTRIES, "a/1", "b/1");
    expect(namesIn(await client.take("a/1", "b/1"))).toEqual(["a/1", "b/1"]);
    server.publishEntries({ "a/1": "one", "a/2": "changed", "b/1": "three", "c/1": "new" });
    await client.silence();
    server.publishEntries({ "a/1": "one", "a/2": "changed", "b/1": "changed" });
    expect(sotwVersions(await client.take("a/1", "b/1"))["b/1"]).toBe(entry("b/1", "changed").version);
    server.publishEntries({ "a/1": "one", "a/2": "changed" });
    expect(namesIn(await client.take("a/1", "b/1"))).toEqual(["a/1"]);
    await client.silence();
  });

  test("that nobody has are left out, until there is one", async () => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe(ENTRIES, "a/1", "a/later");
    expect(namesIn(await client.take("a/1", "a/later"))).toEqual(["a/1"]);
    server.publishEntries({ "a/1": "one", "a/later": "now" });
    expect(namesIn(await client.take("a/1", "a/later"))).toEqual(["a/1", "a/later"]);
  });

  test("alone that nobody has are answered with nothing", async () => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe(ENTRIES, "no/such");
    expect(namesIn(await client.take("no/such"))).toEqual([]);
    await client.silence();
  });

  test("in an ACK replace those before, and are answered", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1");
    const first = await client.next();
    client.ack(first, "a/1", "a/2");
    expect(namesIn(await client.take("a/1", "a/2"))).toContain("a/2");
    server.publishEntries({ "a/1": "changed", "a/2": "two" });
    expect(namesIn(await client.take("a/2"))).toContain("a/1");
    server.publishEntries({ "a/1": "changed again", "a/2": "two" });
    // Whether names that were only taken away are answered is the server's choice; a/1 is heard of no more in any case.
    client.subscribe(RULES);
    for (;;) {
      const answer = await client.next();
      client.ack(answer, ...(answer.typeUrl === ENTRIES ? ["a/2"] : []));
      if (answer.typeUrl === RULES) break;
      expect(namesIn(answer)).toEqual(["a/2"]);
    }
  });

  test("in an ACK that are the same are no question", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1", "a/2");
    await client.take("a/2", "a/1");
    await client.silence();
  });

  test("in a request of its own replace those before, and are answered", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1");
    const first = await client.take("a/1");
    client.send({
      typeUrl: ENTRIES,
      versionInfo: first.versionInfo,
      responseNonce: first.nonce,
      resourceNames: ["a/2"],
    });
    expect(namesIn(await client.take("a/2"))).toEqual(["a/2"]);
    server.publishEntries({ "a/1": "changed", "a/2": "two" });
    await client.silence();
  });

  test("in a NACK replace those before, too", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "a/1");
    client.nack(await client.next(), "a/2");
    expect(namesIn(await client.take("a/2"))).toEqual(["a/2"]);
    await client.silence();
  });

  test("can be a star, which is everything", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    client.subscribe(ENTRIES, "*");
    expect(namesIn(await client.take("*"))).toEqual(["a/1", "a/2"]);
    server.publishEntries({ "a/1": "one", "a/2": "two", "a/3": "three" });
    expect(namesIn(await client.take("*"))).toEqual(["a/1", "a/2", "a/3"]);
    await client.silence();
  });
});

describe("a first request", () => {
  test.each([
    ["no node", undefined],
    ["a node without an id", { cluster: "c" }],
  ])("with %s ends the stream with INVALID_ARGUMENT, and no other stream", async (_, node) => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe(ENTRIES);
    await client.take();
    using nobody = new SotwClient(server.address);
    nobody.send({ typeUrl: ENTRIES, ...(node && { node }) });
    expect(await nobody.ended()).toMatchObject({ code: 3 });
    expect(nobody.unread).toBe(0);
    await client.silence();
  });

  test("alone needs a node", async () => {
    server.publishEntries({ "a/1": "one" });
    client.subscribe(RULES);
    await client.take();
    client.send({ typeUrl: ENTRIES });
    expect(namesIn(await client.take())).toEqual(["a/1"]);
  });
});

test("nothing is answered before there is a snapshot", async () => {
  client.subscribe(ENTRIES);
  client.subscribe(RULES);
  using other = new SotwClient(server.address);
  other.send({ typeUrl: ENTRIES });
  await other.ended(); // a request of a stream that came later was judged
  expect(client.unread).toBe(0);
  server.publishEntries({ "a/1": "1" });
  const answers = [await client.take(), await client.take()].map((answer) => [answer.typeUrl, namesIn(answer)]);
  expect(Object.fromEntries(answers)).toEqual({ [ENTRIES]: ["a/1"], [RULES]: [] });
  await client.silence();
});

test("a client that half-closes is let go with OK", async () => {
  server.publishEntries({});
  client.subscribe(ENTRIES);
  await client.take();
  client.halfClose();
  expect(await client.ended()).toMatchObject({ code: 0 });
});

test("a client that half-closes right behind its requests is sent what is due before", async () => {
  server.publishEntries({ "a/1": "one" });
  client.subscribe(ENTRIES);
  client.subscribe(RULES);
  client.halfClose();
  expect([(await client.next()).typeUrl, (await client.next()).typeUrl].sort()).toEqual([RULES, ENTRIES].sort());
  expect(await client.ended()).toMatchObject({ code: 0 });
});

test("a server that stops says so, with UNAVAILABLE", async () => {
  server.publishEntries({ "a/1": "one" });
  client.subscribe(ENTRIES);
  await client.next();
  await server.stop();
  expect(await client.ended()).toMatchObject({ code: 14 });
});

test("what clients asked for is forgotten when they leave", async () => {
  server.publishEntries({ "a/1": "one" });
  const clients = Array.from({ length: 5 }, () => new SotwClient(server.address));
  for (const [i, one] of clients.entries()) {
    one.subscribe(ENTRIES, ...(i % 2 === 0 ? [] : ["a/1"]));
    await one.next();
  }
  expect(server.subscriptions("ServiceEntry")).toBe(5);
  for (const one of clients) one[Symbol.dispose]();
  await server.streams(1); // the one that every test has
  expect(server.subscriptions("ServiceEntry")).toBe(0);
});
