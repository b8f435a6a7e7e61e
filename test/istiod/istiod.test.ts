import { create, toBinary } from "@bufbuild/protobuf";
import { StatusSchema } from "../../src/wire/gen/google/rpc/status_pb.ts";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { ScriptedServer, type ServerCall } from "../conformance/peers/grpc-server.ts";
import { Istiod, type IstiodOptions } from "./istiod.ts";
import { MESH_CONFIG_URL } from "./kinds.ts";
import { type Release, releaseOf, releases } from "./releases.ts";
import { goTime, nodeOf, defaultIdentity, openingRequests } from "./requests.ts";
import { type Sample, wrap, wrapBytes } from "./samples.ts";
import { readRequest, readResponse, STATE_OF_THE_WORLD, writeResponse } from "./wire.ts";

// The client is a judge of the server, so it is judged first: against a server that says what a test tells it to say.

const SERVICE_ENTRY = "networking.istio.io/v1/ServiceEntry";
const message = "istio.networking.v1alpha3.ServiceEntry";
const current = releaseOf("1.30");

let server: ScriptedServer;
let clock: ManualClock;
const istiods: Istiod[] = [];

beforeEach(async () => {
  server = await ScriptedServer.start(STATE_OF_THE_WORLD);
  clock = new ManualClock();
});

afterEach(async () => {
  for (const istiod of istiods.splice(0)) istiod[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

function start(release: Release = current, options: Partial<IstiodOptions> = {}): Istiod {
  const istiod = new Istiod({ release, clock, address: server.address, random: () => 0.5, ...options });
  istiods.push(istiod);
  return istiod;
}

/** The next call, after its opening requests. */
async function opened(release: Release = current): Promise<ServerCall> {
  const call = await server.next();
  for (let i = 0; i <= release.kinds.length; i++) await call.arrived.next();
  return call;
}

let nonces = 0;

/** Answers, and waits for the ACK. */
async function answer(call: ServerCall, typeUrl: string, ...samples: readonly Sample[]): Promise<void> {
  const nonce = `n${++nonces}`;
  call.sendBytes(writeResponse({ typeUrl, nonce, versionInfo: "v1", resources: samples.map(wrap) }));
  const ack = readRequest(await call.arrived.next());
  expect(ack).toMatchObject({ typeUrl, responseNonce: nonce, versionInfo: "v1", resourceNames: [] });
}

const entry = (name: string, host: string, more: Partial<Sample> = {}): Sample => ({
  name,
  message,
  version: host,
  spec: { hosts: [host] },
  ...more,
});

describe("the requests", () => {
  test("are byte for byte what istiod sends", () => {
    const requests = openingRequests(
      { ...current, kinds: current.kinds.filter(({ url }) => url === SERVICE_ENTRY) },
      defaultIdentity,
      () => "2026-08-22 15:00:18.000000001 +0000 UTC m=+1.000000001",
    );
    expect(Buffer.from(requests[1]!).toString("hex")).toBe(
      "22236e6574776f726b696e672e697374696f2e696f2f76312f53657276696365456e7472792a36323032362d30382d32322031353a30303a31382e303030303030303031202b3030303020555443206d3d2b312e303030303030303031",
    );
  });

  test.each(releases)("of $name begin with the mesh configuration and the node, and go on without it", (release) => {
    const requests = openingRequests(release, { ...defaultIdentity, revision: "blue" }).map(readRequest);
    expect(requests.map(({ typeUrl }) => typeUrl)).toEqual([MESH_CONFIG_URL, ...release.kinds.map(({ url }) => url)]);
    expect(requests[0]!.node).toMatchObject(nodeOf(release, { ...defaultIdentity, revision: "blue" }));
    expect(requests[0]!.node?.metadata?.["ISTIO_REVISION"]).toBe(release.knowsRevisions ? "blue" : undefined);
    for (const request of requests.slice(1)) expect(request.node).toBeUndefined();
    for (const request of requests) {
      expect(request).toMatchObject({ versionInfo: "", resourceNames: [] });
      expect(request.responseNonce).toMatch(/^2026-/);
      expect(request.errorDetail).toBeUndefined();
    }
  });

  test("have times that Go would print", () => {
    const next = goTime();
    for (let i = 1; i < 10; i++) next();
    expect(next()).toBe("2026-08-22 15:00:18.00000001 +0000 UTC m=+1.000000010");
  });

  test.each([
    ["1.9", 11],
    ["1.10", 12],
    ["1.11", 12],
    ["1.12", 13],
    ["1.13", 14],
    ["1.14–1.23", 14],
    ["1.24–1.29", 14],
    ["1.30", 15],
  ] as const)("of %s name %d kinds", (name, count) => {
    expect(releaseOf(name).kinds).toHaveLength(count);
  });

  test("moved to v1 at 1.24", () => {
    const urls = (name: "1.14–1.23" | "1.24–1.29") => releaseOf(name).kinds.map(({ url }) => url);
    expect(urls("1.14–1.23").filter((url) => url.includes("/v1/"))).toEqual([]);
    expect(urls("1.24–1.29").filter((url) => url.includes("/v1/"))).toHaveLength(11);
    expect(urls("1.14–1.23")).toContain("security.istio.io/v1beta1/PeerAuthentication");
  });
});

describe("an answer", () => {
  test("is read from the golden bytes", async () => {
    const istiod = start();
    const call = await opened();
    const golden =
      "0a02763112b0010a2f747970652e676f6f676c65617069732e636f6d2f697374696f2e6d63702e7631616c706861312e5265736f75726365127d0a1a0a0d64656661756c742f6578742d6112060880e2cfaa061a0137125f0a3a747970652e676f6f676c65617069732e636f6d2f697374696f2e6e6574776f726b696e672e7631616c706861332e53657276696365456e74727912210a0d612e6578616d706c652e636f6d1a0e08501204485454501a0468747470280222236e6574776f726b696e672e697374696f2e696f2f76312f53657276696365456e7472792a026e31";
    call.sendBytes(Buffer.from(golden, "hex"));
    const ack = readRequest(await call.arrived.next());
    expect(ack).toMatchObject({ versionInfo: "v1", responseNonce: "n1", typeUrl: SERVICE_ENTRY });
    expect(ack.node).toMatchObject(nodeOf(current, defaultIdentity));
    const held = istiod.store.of("ServiceEntry").get("default/ext-a");
    expect(held).toMatchObject({ namespace: "default", name: "ext-a", version: "7" });
    expect(held?.spec).toMatchObject({ hosts: ["a.example.com"], ports: [{ number: 80, protocol: "HTTP" }] });
    expect(istiod.store.events).toEqual([{ type: "add", kind: "ServiceEntry", name: "default/ext-a", pushes: true }]);
  });

  test("that is empty counts, and is the golden one", async () => {
    const golden = Buffer.from(
      "0a02763122236e6574776f726b696e672e697374696f2e696f2f76312f53657276696365456e7472792a026e31",
      "hex",
    );
    const empty = { typeUrl: SERVICE_ENTRY, versionInfo: "v1", nonce: "n1" };
    expect(Buffer.from(writeResponse(empty))).toEqual(golden);
    expect(readResponse(golden)).toMatchObject(empty);
    const istiod = start();
    const call = await opened();
    call.sendBytes(golden);
    await call.arrived.next();
    expect(istiod.unanswered).not.toContain("ServiceEntry");
    expect(istiod.ready).toBe(false);
  });

  test("is all there is: what is missing is deleted, what changed is updated, what kept its version is not", async () => {
    const istiod = start();
    const call = await opened();
    await answer(call, SERVICE_ENTRY, entry("a/1", "one"), entry("a/2", "two"), entry("a/3", "three"));
    istiod.store.events.length = 0;
    await answer(call, SERVICE_ENTRY, entry("a/1", "changed", { version: "one" }), entry("a/2", "changed"));
    expect(istiod.store.events).toEqual([
      { type: "update", kind: "ServiceEntry", name: "a/2", pushes: true },
      { type: "delete", kind: "ServiceEntry", name: "a/3", pushes: true },
    ]);
    expect(istiod.store.of("ServiceEntry").get("a/1")?.spec).toMatchObject({ hosts: ["one"] });
  });

  test("without versions updates everything, each time", async () => {
    const istiod = start();
    const call = await opened();
    await answer(call, SERVICE_ENTRY, entry("a/1", "one", { version: "" }));
    await answer(call, SERVICE_ENTRY, entry("a/1", "one", { version: "" }));
    expect(istiod.store.events).toMatchObject([{ type: "add" }, { type: "update", pushes: false }]);
  });

  test("with the same spec pushes only what is labelled or annotated in Istio's name", async () => {
    const istiod = start();
    const call = await opened();
    const tries: Partial<Sample>[] = [
      { labels: { app: "x" } },
      { labels: { "networking.istio.io/x": "y" } },
      { annotations: { "a.istio.io/b": "" } },
    ];
    for (const version of ["1", "2"]) {
      await answer(call, SERVICE_ENTRY, ...tries.map((more, i) => entry(`a/${i}`, "same", { ...more, version })));
    }
    expect(istiod.store.events.slice(3)).toMatchObject([
      { name: "a/0", type: "update", pushes: false },
      { name: "a/1", type: "update", pushes: true },
      { name: "a/2", type: "update", pushes: true },
    ]);
  });

  test("loses what istiod drops, and the copy that it held, and is acknowledged all the same", async () => {
    const istiod = start(current, { identity: { revision: "blue" } });
    const call = await opened();
    const names = ["a/kept", "a/other-revision", "a/unknown-body", "a/other-kind"];
    await answer(call, SERVICE_ENTRY, ...names.map((name) => entry(name, "h")));
    const foreign = toBinary(StatusSchema, create(StatusSchema, { code: 1 }));
    const bad = [
      { $typeName: "google.protobuf.Any", typeUrl: "type.googleapis.com/google.rpc.Status", value: foreign } as const,
      wrapBytes(Buffer.from("ff", "hex")),
      wrapBytes(new Uint8Array(0)),
      wrap(entry("a/b/c", "h")),
      wrap(entry("kept", "h")),
      wrap(entry("a/other-revision", "h", { labels: { "istio.io/rev": "green" } })),
      wrap({ name: "a/other-kind", message: "istio.networking.v1alpha3.Gateway", version: "h" }),
    ];
    const unknown = wrap(entry("a/unknown-body", "h"));
    unknown.value = Buffer.from(
      Buffer.from(unknown.value).toString("latin1").replace(".ServiceEntry", ".ServiceEntrx"),
      "latin1",
    );
    const undecodable = wrap(entry("a/undecodable", "h"));
    undecodable.value.set([0xff], undecodable.value.length - 3);
    const same = wrap(entry("a/kept", "h", { labels: { "istio.io/rev": "blue" } }));
    call.sendBytes(
      writeResponse({ typeUrl: SERVICE_ENTRY, nonce: "n", resources: [...bad, unknown, undecodable, same] }),
    );
    await call.arrived.next();
    expect([...istiod.store.of("ServiceEntry").keys()]).toEqual(["a/kept"]);
    expect(istiod.store.drops.map(({ reason }) => reason)).toEqual([
      "not a resource",
      "undecodable resource",
      "no metadata",
      "name",
      "name",
      "another revision",
      "body of another kind",
      "unknown body type",
      "undecodable body",
    ]);
  });

  test("with a name that begins with a slash is of no namespace", async () => {
    const istiod = start();
    const call = await opened();
    await answer(call, SERVICE_ENTRY, entry("/global", "h"));
    expect(istiod.store.of("ServiceEntry").get("/global")).toMatchObject({ namespace: "", name: "global" });
  });

  test("under another URL is acknowledged and stored nowhere", async () => {
    const istiod = start();
    const call = await opened();
    await answer(call, "networking.istio.io/v1alpha3/ServiceEntry", entry("a/1", "one"));
    expect(istiod.store.of("ServiceEntry").size).toBe(0);
    expect(istiod.unanswered).toContain("ServiceEntry");
  });

  test("with a mesh configuration in it is not acknowledged, an empty one is", async () => {
    start();
    const call = await opened();
    const resources = [{ typeUrl: "type.googleapis.com/istio.mesh.v1alpha1.MeshConfig", value: new Uint8Array(0) }];
    call.sendBytes(writeResponse({ typeUrl: MESH_CONFIG_URL, nonce: "full", resources }));
    await answer(call, MESH_CONFIG_URL);
  });
});

describe.each(releases)("istiod $name", (release) => {
  test("is synced when each kind was answered, be it with nothing", async () => {
    const istiod = start(release);
    const call = await opened(release);
    expect(istiod.ready).toBe(!release.waitsForSync);
    for (const { url } of release.kinds) await answer(call, url);
    await istiod.synced();
    expect(istiod.ready).toBe(true);
    expect(istiod.hung).toBe(false);
  });

  test("hangs on an empty mesh configuration up to 1.11, and never later", async () => {
    const istiod = start(release);
    const call = await opened(release);
    await answer(call, MESH_CONFIG_URL);
    for (const { url } of release.kinds.slice(1)) await answer(call, url);
    const { url } = release.kinds[0]!;
    call.sendBytes(writeResponse({ typeUrl: url, nonce: "last" }));
    await istiod.until(() => istiod.arrivals.at(-1)?.nonce === "last");
    expect(istiod.hung).toBe(release.channel === "once a type");
    expect(istiod.ready).toBe(release.channel === "pinned");
  });

  test("takes messages up to its cap", async () => {
    const istiod = start(release);
    const call = await opened(release);
    const { url } = release.kinds[0]!;
    call.sendBytes(writeResponse({ typeUrl: url, versionInfo: "x".repeat(5 << 20), nonce: "large" }));
    await istiod.until(() => istiod.arrivals.length + istiod.ends.length > 0);
    expect(istiod.ends.map(({ code }) => code)).toEqual(release.channel === "once a type" ? [8] : []);
  });
});

test("the first 100 answers stay in memory from 1.12 on", async () => {
  const istiod = start();
  const call = await opened();
  const bytes = writeResponse({ typeUrl: SERVICE_ENTRY, nonce: "x" }).length;
  for (let i = 0; i < 103; i++) {
    call.sendBytes(writeResponse({ typeUrl: SERVICE_ENTRY, nonce: "x" }));
    await call.arrived.next();
  }
  expect(istiod.channel.pinned).toBe(100);
  expect(istiod.channel.pinnedBytes).toBe(100 * bytes);
  expect(istiod.retainedBytes).toBe(bytes);
});

describe("a stream that ends", () => {
  test("is opened again after a back-off that an opened stream resets, and asks for everything anew", async () => {
    const istiod = start();
    for (let round = 0; round < 3; round++) {
      const call = await server.next();
      const first = readRequest(await call.arrived.next());
      expect(first).toMatchObject({ typeUrl: MESH_CONFIG_URL, versionInfo: "" });
      expect(first.node).toBeDefined();
      for (const { url } of current.kinds) {
        expect(readRequest(await call.arrived.next())).toMatchObject({ typeUrl: url, versionInfo: "" });
      }
      call.end(status.UNAVAILABLE, "gone");
      await istiod.until(() => istiod.ends.length === round + 1);
      clock.advance(500);
    }
    expect(istiod.delaysMs).toEqual([500, 500, 500]);
  });

  test("for want of a connection is tried less and less often", async () => {
    await server[Symbol.asyncDispose]();
    const istiod = start();
    for (let round = 1; round <= 3; round++) {
      await istiod.until(() => istiod.ends.length === round);
      clock.advance(60_000);
    }
    expect(istiod.delaysMs).toEqual([500, 750, 1125]);
  });

  test("leaves istiod ready and its store as it is, and the same answers cause no event", async () => {
    const istiod = start();
    const first = await opened();
    for (const { url } of current.kinds)
      await answer(first, url, ...(url === SERVICE_ENTRY ? [entry("a/1", "x")] : []));
    first.end(status.UNAVAILABLE, "gone");
    await istiod.until(() => istiod.ends.length === 1);
    expect(istiod.ready).toBe(true);
    istiod.store.events.length = 0;
    clock.advance(500);
    const second = await opened();
    await answer(second, SERVICE_ENTRY, entry("a/1", "x"));
    expect(istiod.store.events).toEqual([]);
    expect([...istiod.store.of("ServiceEntry").keys()]).toEqual(["a/1"]);
  });
});
