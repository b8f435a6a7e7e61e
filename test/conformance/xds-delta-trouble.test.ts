import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import type { Resource } from "../../src/model/resource.ts";
import type { DeltaDiscoveryResponse } from "../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { DeltaClient, deltaIn, node, unwrap } from "../support/xds-client.ts";
import { ENTRIES, entry, resource, spoiled } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// Clients of deltas that refuse, say nothing, or may not see everything: what they may have taken in decides what comes next.

let clock: ManualClock;
let server: XdsServer;
let client: DeltaClient;

beforeEach(async () => {
  clock = new ManualClock();
  server = await XdsServer.start(clock);
  client = new DeltaClient(server.address);
});

afterEach(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** What a client holds that takes in all that it is sent, refused or not. */
class Holder {
  readonly held = new Map<string, string>();

  take(response: DeltaDiscoveryResponse): void {
    for (const { name, version } of response.resources) this.held.set(name, version);
    for (const name of response.removedResources) this.held.delete(name);
  }

  /** Takes answers until it holds exactly these entries. */
  async reaches(hosts: Readonly<Record<string, string>>): Promise<void> {
    const wanted = new Map(Object.entries(hosts).map(([name, host]) => [name, String(entry(name, host).version)]));
    const isSame = (): boolean =>
      wanted.size === this.held.size && [...wanted].every(([name, version]) => this.held.get(name) === version);
    while (!isSame()) this.take(await client.take());
  }
}

/** What the client may have taken in of an answer that it did not acknowledge. */
const edits: readonly (readonly [what: string, before: Record<string, string>, unconfirmed: Record<string, string>])[] =
  [
    ["a change", { "a/1": "1" }, { "a/1": "2" }],
    ["a removal", { "a/1": "1", "a/2": "1" }, { "a/2": "1" }],
    ["an addition", { "a/1": "1" }, { "a/1": "1", "a/2": "1" }],
    ["all of these", { "a/1": "1", "a/2": "1" }, { "a/1": "2", "a/3": "1" }],
  ];

describe.each(edits)("a client that refuses %s", (_, before, unconfirmed) => {
  test.each([
    ["of everything", []],
    ["of names", ["a/1", "a/2", "a/3"]],
  ])("%s and took it in all the same, holds what was there before once it is there again", async (_, names) => {
    const holder = new Holder();
    server.publishEntries(before);
    client.subscribe(ENTRIES, ...names);
    await holder.reaches(before);
    server.publishEntries(unconfirmed);
    const refused = await client.next();
    holder.take(refused);
    client.nack(refused);
    server.publishEntries(before);
    await holder.reaches(before);
    server.publishEntries({ ...before, "a/1": "3" });
    await holder.reaches({ ...before, "a/1": "3" });
  });
});

describe.each(edits)("a client that never answers %s", (_, before, unconfirmed) => {
  test("but took it in, holds what was there before once it is there again", async () => {
    const holder = new Holder();
    server.publishEntries(before);
    client.subscribe(ENTRIES);
    await holder.reaches(before);
    server.publishEntries(unconfirmed);
    holder.take(await client.next());
    server.publishEntries(before);
    for (let seconds = 0; seconds < 120; seconds++) clock.advance(1_000);
    await holder.reaches(before);
    server.publishEntries({ ...before, "a/1": "3" });
    await holder.reaches({ ...before, "a/1": "3" });
  });
});

describe("a client of a revision", () => {
  const of = (name: string, revision?: string): Resource =>
    entry(name, "host", revision === undefined ? {} : { labels: { "istio.io/rev": revision } });
  const blue = { id: "blue", metadata: { ISTIO_REVISION: "blue" } };

  test("is sent what is of its revision or of none, and loses what moves to another", async () => {
    server.publish(of("a/blue", "blue"), of("a/green", "green"), of("a/none"), of("a/moves", "blue"));
    client.send({ node: blue, typeUrl: ENTRIES });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/blue", "a/moves", "a/none"], removed: [] });
    server.publish(of("a/blue", "blue"), of("a/green", "green"), of("a/none"), of("a/moves", "green"));
    expect(deltaIn(await client.take())).toEqual({ resources: [], removed: ["a/moves"] });
    server.publish(of("a/blue", "blue"), of("a/green", "blue"), of("a/none"), of("a/moves", "green"));
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/green"], removed: [] });
  });

  test("that names what is of another is told that there is no such thing", async () => {
    server.publish(of("a/green", "green"));
    client.send({ node: blue, typeUrl: ENTRIES, resourceNamesSubscribe: ["a/green"] });
    expect(deltaIn(await client.take())).toEqual({ resources: [], removed: ["a/green"] });
    server.publish(of("a/green"));
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/green"], removed: [] });
  });

  test("is not sent what is of another and was made anew since others asked for everything", async () => {
    using other = new DeltaClient(server.address);
    server.publish(of("a/green", "green"));
    other.subscribe(ENTRIES);
    await other.next();
    server.publish(of("a/green", "green"), of("a/none"));
    client.send({ node: blue, typeUrl: ENTRIES });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/none"], removed: [] });
  });

  test("that comes back with what is of another now is told that it is gone", async () => {
    server.publish(of("a/moved", "green"), of("a/none"));
    const held = { "a/moved": of("a/moved", "blue").version, "a/none": of("a/none").version };
    client.send({ node: blue, typeUrl: ENTRIES, initialResourceVersions: held });
    expect(deltaIn(await client.take())).toEqual({ resources: [], removed: ["a/moved"] });
  });
});

describe("a client of deltas", () => {
  test("keeps the last good copy of what can't be sent", async () => {
    const good = entry("a/1", "good");
    server.publish(good);
    client.subscribe(ENTRIES);
    const first = await client.take();
    server.publish(spoiled(good, new Uint8Array(0), "bad"), entry("a/2", "x"));
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/2"], removed: [] });
    using late = new DeltaClient(server.address);
    late.subscribe(ENTRIES, "a/1");
    expect((await late.next()).resources[0]?.version).toBe(first.resources[0]?.version);
  });

  test("is sent WasmPlugins as TrafficExtensions under names and versions of their own", async () => {
    const url = "extensions.istio.io/v1alpha1/TrafficExtension";
    server.publish(resource("WasmPlugin", "a/plugin"), resource("TrafficExtension", "a/plugin"));
    client.subscribe(url);
    const { resources } = await client.take();
    expect(new Set(resources.map(({ name }) => name)).size).toBe(2);
    for (const { name, version, resource } of resources) expect(unwrap(resource)).toMatchObject({ name, version });
    server.publish(resource("TrafficExtension", "a/plugin"));
    const { removed, resources: more } = deltaIn(await client.take());
    expect(more).toEqual([]);
    expect(removed).toEqual(resources.map(({ name }) => name).filter((name) => name !== "a/plugin"));
  });

  test("that subscribes to a name again after it let go of it is answered", async () => {
    server.publishEntries({ "a/1": "1", "a/2": "1" });
    client.subscribe(ENTRIES, "a/1", "a/2");
    await client.take();
    client.send({ typeUrl: ENTRIES, resourceNamesUnsubscribe: ["a/1"] });
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["a/1"] });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/1"], removed: [] });
  });

  test("that lets go of a name and takes it up again in one request is answered", async () => {
    server.publishEntries({ "a/1": "1", "a/2": "1" });
    client.subscribe(ENTRIES, "a/1", "a/2");
    await client.take();
    client.send({ typeUrl: ENTRIES, resourceNamesUnsubscribe: ["a/2"], resourceNamesSubscribe: ["a/1", "a/1"] });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/1"], removed: [] });
  });

  test("of everything is told of a name that it asks for besides and that nobody has, and is sent it once there is one", async () => {
    server.publishEntries({ "a/1": "1" });
    client.subscribe(ENTRIES, "*", "a/later");
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/1"], removed: ["a/later"] });
    server.publishEntries({ "a/1": "1", "a/later": "1" });
    expect(deltaIn(await client.take())).toEqual({ resources: ["a/later"], removed: [] });
    server.publishEntries({ "a/1": "1" });
    expect(deltaIn(await client.take())).toEqual({ resources: [], removed: ["a/later"] });
  });

  test("that names what was removed while it was not asked for holds it no more", async () => {
    const holder = new Holder();
    server.publishEntries({ "a/1": "1", "a/2": "1" });
    client.subscribe(ENTRIES, "a/1", "a/2");
    await holder.reaches({ "a/1": "1", "a/2": "1" });
    client.send({ typeUrl: ENTRIES, resourceNamesUnsubscribe: ["a/2"] });
    server.publishEntries({ "a/1": "2" });
    holder.take(await client.take());
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["a/2"] });
    const answer = await client.take();
    expect(deltaIn(answer)).toEqual({ resources: [], removed: ["a/2"] });
  });

  test("that goes from names to everything is sent the rest, and loses nothing that it holds", async () => {
    const holder = new Holder();
    server.publishEntries({ "a/1": "1", "a/2": "1", "a/3": "1" });
    client.subscribe(ENTRIES, "a/1");
    await holder.reaches({ "a/1": "1" });
    client.send({ typeUrl: ENTRIES, resourceNamesSubscribe: ["*"], resourceNamesUnsubscribe: ["a/1"] });
    await holder.reaches({ "a/1": "1", "a/2": "1", "a/3": "1" });
    server.publishEntries({ "a/2": "2" });
    await holder.reaches({ "a/2": "2" });
  });

  test("whose names are odd gets an answer about each", async () => {
    server.publishEntries({ "a/1": "1" });
    const names = ["", "/", "a", "a/1/2", "__proto__", "constructor", "x".repeat(5_000), "\u{1F600}", "a/1"];
    client.send({ node, typeUrl: ENTRIES, resourceNamesSubscribe: names });
    const { resources, removedResources } = await client.take();
    expect(resources.map(({ name }) => name)).toEqual(["a/1"]);
    expect(new Set(removedResources)).toEqual(new Set(names.slice(0, -1)));
  });
});
