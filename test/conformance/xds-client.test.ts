import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InMemoryStore } from "../../src/model/received/store.ts";
import { runXdsClient, type XdsClientOptions, type XdsEvent } from "../../src/xds/client/client.ts";
import { watchTypes } from "../../src/xds/client/watch.ts";
import { Arrivals } from "./peers/waiting.ts";
import { eager } from "./peers/test-sink.ts";
import { ENTRIES, resource, RULES } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// Our client against our server: what an application is given, and what becomes of what it does with it.

let server: XdsServer;

beforeEach(async () => {
  server = await XdsServer.start();
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

/** A client whose changes and events a test waits for. */
class TestClient implements AsyncDisposable {
  readonly store = new InMemoryStore();
  readonly effects: Arrivals<string> = new Arrivals<string>();
  readonly events: Arrivals<XdsEvent> = new Arrivals<XdsEvent>();
  readonly #stop = new AbortController();
  readonly #end: Promise<void>;

  constructor(options: Partial<XdsClientOptions> = {}) {
    this.#end = runXdsClient({
      address: server.address,
      typeUrls: [ENTRIES],
      backoff: eager,
      signal: this.#stop.signal,
      apply: (change) => {
        for (const { kind, name } of this.store.apply(change)) this.effects.add(`${kind} ${name}`);
      },
      onEvent: (event) => this.events.add(event),
      ...options,
    });
  }

  async event<Kind extends XdsEvent["kind"]>(kind: Kind): Promise<Extract<XdsEvent, { kind: Kind }>> {
    for (;;) {
      const event = await this.events.next();
      if (event.kind === kind) return event as Extract<XdsEvent, { kind: Kind }>;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#end;
  }
}

describe.each([
  ["of the state of the world", false],
  ["of deltas", true],
])("a client %s", (_, incremental) => {
  test("holds what the server has, and follows it", async () => {
    server.publishEntries({ "a/1": "one", "a/2": "two" });
    await using client = new TestClient({ incremental });
    expect([await client.effects.next(), await client.effects.next()]).toEqual(["added a/1", "added a/2"]);
    server.publishEntries({ "a/1": "changed" });
    expect([await client.effects.next(), await client.effects.next()]).toEqual(["updated a/1", "deleted a/2"]);
    expect(client.store.get(ENTRIES)!.get("a/1")!.body()).toMatchObject({ hosts: ["changed"] });
  });

  test("refuses what the application does not take, and is sent the next version", async () => {
    server.publishEntries({ "a/1": "bad" });
    const taken = new Arrivals<string>();
    await using client = new TestClient({
      incremental,
      apply({ resources }) {
        const hosts = JSON.stringify(resources.map((each) => each.body()["hosts"]));
        if (hosts.includes("bad")) throw new Error("I don't like it");
        taken.add(hosts);
      },
    });
    expect(await client.event("nacked")).toMatchObject({ typeUrl: ENTRIES, code: 3, message: "I don't like it" });
    server.publishEntries({ "a/1": "good" });
    expect(await taken.next()).toBe('[["good"]]');
    expect(await client.event("acked")).toMatchObject({ typeUrl: ENTRIES });
  });
});

test("each type is followed for itself", async () => {
  server.publish(resource("ServiceEntry", "a/1"), resource("DestinationRule", "a/rule"));
  await using client = new TestClient({ typeUrls: [ENTRIES, RULES] });
  expect(new Set([await client.effects.next(), await client.effects.next()])).toEqual(
    new Set(["added a/1", "added a/rule"]),
  );
  expect([...client.store.topics].sort()).toEqual([RULES, ENTRIES].sort());
});

test("what is kept from an earlier life is resumed from", async () => {
  server.publishEntries({ "a/1": "one", "a/2": "two" });
  const store = new InMemoryStore();
  {
    await using client = new TestClient({ incremental: true });
    await client.event("acked");
    store.apply({
      typeUrl: ENTRIES,
      version: "",
      incremental: false,
      removed: [],
      resources: [...client.store.get(ENTRIES)!.values()],
    });
  }
  server.publishEntries({ "a/2": "two", "a/3": "three" });
  const changes = watchTypes({ address: server.address, typeUrls: [ENTRIES], incremental: true, held: store.versions });
  const { value } = await changes.next();
  expect([value!.incremental, value!.resources.map(({ name }) => name), value!.removed]).toEqual([
    true,
    ["a/3"],
    ["a/1"],
  ]);
  await changes.return();
});

test("a loop answers a change when the next one is asked for, and can be left", async () => {
  server.publishEntries({ "a/1": "one" });
  const events: string[] = [];
  const { address } = server;
  const options = { address, typeUrls: [ENTRIES], onEvent: ({ kind }: XdsEvent) => void events.push(kind) };
  for await (const change of watchTypes(options)) {
    expect(events.filter((kind) => kind === "acked")).toHaveLength(change.resources.length - 1);
    if (change.resources.length === 2) break;
    server.publishEntries({ "a/1": "one", "a/2": "two" });
  }
  await server.streams(0);
});

test("a client that asks for nothing is a mistake", async () => {
  const options = { address: server.address, typeUrls: [], apply: () => undefined };
  await expect(runXdsClient({ ...options, signal: AbortSignal.timeout(1000) })).rejects.toThrow("at least one type");
});
