import { readFile } from "node:fs/promises";

import { expect, test, vi } from "vitest";

import type { Collection } from "../../../model/names.ts";
import { Hub } from "../../../snapshot/hub.ts";
import { Table } from "../../../snapshot/table.ts";
import { cutPage } from "../listing.ts";
import { read, write } from "../testing/ask-topic.ts";
import { calledTopic } from "./called.ts";
import { problemsTopic } from "./problems.ts";
import { eventLoopTopic, memoryTopic, settingsTopic, versionTopic } from "./process.ts";
import { scopesTopic } from "./scopes.ts";
import { signalsTopic } from "./signals.ts";
import { sinksTopic } from "./sinks.ts";
import type { SinkView } from "./sinks.ts";
import { collectionsTopic, resourcesTopic, snapshotsTopic } from "./snapshots.ts";
import type { SnapshotsView, TableView } from "./snapshots.ts";
import { sourcesTopic } from "./sources.ts";

const table = (version: string, names: readonly string[]): TableView => ({
  version,
  size: names.length,
  chunks: names.map((name) => [{ name, version: `v-${name}` }]),
});

const gateways = "istio/networking/v1alpha3/gateways";
const snapshots: SnapshotsView = () => [
  [
    "default",
    [
      [gateways, table("7", ["a", "b"])],
      ["a/b/v1/c", table("0", [])],
    ],
  ],
];

const sink: SinkView = {
  id: 12,
  peer: "127.0.0.1:5000",
  protocol: "mcp",
  sinkId: "pilot",
  annotations: { zone: "a" },
  since: 0,
  collections: [
    {
      collection: "b/b/v1/b",
      topic: "b/b/v1/b",
      names: undefined,
      sent: "2",
      acked: "1",
      nacked: { version: "2", code: 3, message: "bad", at: 1000 },
      incremental: false,
      awaitingSince: 2000,
      synced: false,
    },
    {
      collection: "a/a/v1/a",
      topic: "networking.istio.io/v1/A",
      names: 2,
      sent: undefined,
      acked: undefined,
      nacked: undefined,
      incremental: true,
      awaitingSince: undefined,
      synced: false,
    },
  ],
};

test("a source is shown with its state, since when, and why", () => {
  const reason = { message: "the folder is gone", action: "what it gave stays in service" };
  const topic = sourcesTopic(() => [
    { name: "kube", state: "degraded", since: 1000, reason },
    { name: "files", state: "synced", since: 0, reason: undefined },
  ]);
  expect(read(topic)).toEqual({
    items: [
      { name: "files", state: "synced", since: "1970-01-01T00:00:00.000Z" },
      {
        name: "kube",
        state: "degraded",
        since: "1970-01-01T00:00:01.000Z",
        reason: "the folder is gone",
        action: "what it gave stays in service",
      },
    ],
  });
});

test("snapshots are shown by group, their collections in order", () => {
  expect(read(snapshotsTopic(snapshots))).toEqual({
    groups: [
      {
        group: "default",
        collections: [
          { collection: "a/b/v1/c", version: "0", count: 0 },
          { collection: gateways, version: "7", count: 2 },
        ],
      },
    ],
  });
});

test("before anything is published there is an empty list, not an error", () => {
  expect(read(snapshotsTopic(() => []))).toEqual({ groups: [] });
  expect(read(collectionsTopic(() => []))).toEqual({ items: [] });
});

test("a collection lists its resources with their versions", () => {
  expect(read(collectionsTopic(snapshots), gateways)).toEqual({
    collection: gateways,
    version: "7",
    items: [
      { name: "a", version: "v-a" },
      { name: "b", version: "v-b" },
    ],
  });
  expect(read(collectionsTopic(snapshots), "made/up")).toMatchObject({ status: 404 });
});

test("without a name the collections are listed", () => {
  expect(read(collectionsTopic(snapshots))).toEqual({
    items: [
      { collection: "a/b/v1/c", group: "default", version: "0", count: 0 },
      { collection: gateways, group: "default", version: "7", count: 2 },
    ],
  });
});

test("a resource is shown decoded, or it is said what is missing", () => {
  const topic = resourcesTopic(snapshots, (collection, name) =>
    name === "a" ? { collection, name, body: {} } : undefined,
  );
  expect(read(topic, "", { collection: gateways, name: "a" })).toEqual({ collection: gateways, name: "a", body: {} });
  expect(read(topic, "", { collection: gateways, name: "x" })).toMatchObject({
    status: 404,
    message: expect.stringContaining('"x"'),
  });
  expect(read(topic, "", { collection: "made/up", name: "a" })).toMatchObject({
    status: 404,
    message: expect.stringContaining("made/up"),
  });
  expect(read(topic, "", { name: "a" })).toMatchObject({ status: 400 });
  expect(read(topic, "", { collection: gateways, name: "" })).toMatchObject({ status: 400 });
});

test("a sink is shown with all that it was sent, took and refused", () => {
  const shown = {
    id: 12,
    peer: "127.0.0.1:5000",
    protocol: "mcp",
    sinkId: "pilot",
    annotations: { zone: "a" },
    since: "1970-01-01T00:00:00.000Z",
    collections: [
      {
        collection: "b/b/v1/b",
        synced: false,
        incremental: false,
        sent: "2",
        acked: "1",
        awaitingSince: "1970-01-01T00:00:02.000Z",
        nacked: { version: "2", code: 3, message: "bad", at: "1970-01-01T00:00:01.000Z" },
      },
      {
        collection: "a/a/v1/a",
        topic: "networking.istio.io/v1/A",
        names: 2,
        synced: false,
        incremental: true,
      },
    ],
  };
  const topic = sinksTopic({ sinkCount: 1, sinks: () => [sink] });
  expect(read(topic)).toEqual({ items: [shown] });
  expect(read(topic, "12")).toEqual(shown);
  expect(read(topic, "13")).toMatchObject({ status: 404 });
});

test("sinks are paged in the order in which they connected", () => {
  const ids = [1, 2, 9, 10, 100];
  const topic = sinksTopic({ sinkCount: ids.length, sinks: () => ids.map((id) => ({ ...sink, id })) });
  const answer = topic.read({ rest: "", parameter: () => undefined });
  if (answer.kind !== "list") throw new Error("expected a list");
  const first = cutPage(answer.listing, undefined, 3);
  expect(first.items.map(({ key }) => key)).toEqual(["1", "2", "9"]);
  expect(cutPage(answer.listing, first.next, 3).items.map(({ key }) => key)).toEqual(["10", "100"]);
});

test("a page of a large collection begins at any name, there or not", () => {
  const names = Array.from({ length: 1000 }, (_, i) => `n${String(i).padStart(4, "0")}`);
  const chunks = Array.from({ length: 100 }, (_, i) =>
    names.slice(i * 10, i * 10 + 10).map((name) => ({ name, version: "1" })),
  );
  const topic = collectionsTopic(() => [["default", [[gateways, { version: "7", size: 1000, chunks }]]]]);
  const answer = topic.read({ rest: gateways, parameter: () => undefined });
  if (answer.kind !== "list") throw new Error("expected a list");
  for (const [after, first] of [
    [undefined, "n0000"],
    ["n0009", "n0010"],
    ["n0014", "n0015"],
    ["n0014x", "n0015"],
    ["", "n0000"],
    ["n0998", "n0999"],
  ] as const) {
    expect(cutPage(answer.listing, after, 1).items[0]?.key).toBe(first);
  }
  expect(cutPage(answer.listing, "n0999", 1)).toEqual({ items: [], next: undefined });
  expect(cutPage(answer.listing, undefined, 5000).items.map(({ key }) => key)).toEqual(names);
});

test("a setting is shown with where it came from, a secret one without its value", () => {
  const topic = settingsTopic(() => [
    { name: "token", value: "hunter2", from: "environment GALLEY_TOKEN", secret: true },
    { name: "domain", value: "cluster.local", from: "default", secret: false },
  ]);
  expect(read(topic)).toEqual({
    items: [
      { name: "domain", value: "cluster.local", from: "default" },
      { name: "token", value: "(secret)", from: "environment GALLEY_TOKEN" },
    ],
  });
});

test("memory is told in bytes", () => {
  const memory = read(memoryTopic()) as Record<string, number>;
  expect(Object.keys(memory)).toEqual(["resident", "heapUsed", "heapTotal", "heapLimit", "external", "arrayBuffers"]);
  expect(memory["resident"]).toBeGreaterThan(1_000_000);
});

test("how late the event loop is is told in milliseconds, to the tenth", () => {
  const topic = eventLoopTopic(() => ({ median: 0, p99: 0.001_26, worst: 1.5 }));
  expect(read(topic)).toEqual({ medianMs: 0, p99Ms: 1.3, worstMs: 1500 });
});

test("the version is what the build says", () => {
  expect(read(versionTopic({ version: "1.2.3" }))).toEqual({ version: "1.2.3" });
});

test("a signal is sent by writing to it, never by reading", () => {
  const send = vi.fn();
  const topic = signalsTopic([{ name: "SIGUSR1", meaning: "read the folder again", send }]);
  const listed = { signals: [{ name: "SIGUSR1", meaning: "read the folder again" }] };
  expect([read(topic), read(topic, "SIGUSR1")]).toEqual([listed, listed]);
  expect(send).not.toHaveBeenCalled();
  expect(write(topic, "SIGUSR1")).toEqual({ signal: "SIGUSR1" });
  expect(send).toHaveBeenCalledTimes(1);
  expect([write(topic, "SIGKILL"), write(topic, ""), read(topic, "SIGKILL")]).toMatchObject([
    { status: 404 },
    { status: 404 },
    { status: 404 },
  ]);
});

test("the level of a log scope is read and set by name", () => {
  const setLevel = vi.fn();
  const topic = scopesTopic({
    scopes: () => [{ name: "mcp", meaning: "conversations with sinks", level: "info" }],
    levels: ["debug", "info"],
    setLevel,
  });
  const mcp = { name: "mcp", meaning: "conversations with sinks", level: "info" };
  expect(read(topic)).toEqual({ levels: ["debug", "info"], items: [mcp] });
  expect(read(topic, "mcp")).toEqual(mcp);
  expect(read(topic, "nothing")).toMatchObject({ status: 404 });
  expect(write(topic, "mcp", { level: "debug" })).toEqual({ name: "mcp", level: "debug" });
  expect(setLevel.mock.calls).toEqual([["mcp", "debug"]]);
  for (const body of [undefined, null, [], "debug", {}, { level: 1 }, { level: "loud" }]) {
    expect(write(topic, "mcp", body)).toMatchObject({ status: 400 });
  }
  expect(write(topic, "mcp", { level: "debug", forSeconds: 60 })).toMatchObject({
    status: 400,
    message: 'unknown field "forSeconds"',
    remedy: 'send {"level":"…"} with one of debug, info',
  });
  expect(write(topic, "nothing", { level: "debug" })).toMatchObject({ status: 404 });
  expect(setLevel).toHaveBeenCalledTimes(1);
});

test("the components themselves are what the topics look at", () => {
  const hub = new Hub(() => "default");
  const collection = gateways as Collection;
  hub.publish("default", new Map([[collection, Table.empty]]));
  expect(read(snapshotsTopic(() => hub.snapshots))).toEqual({
    groups: [{ group: "default", collections: [{ collection: gateways, version: "0", count: 0 }] }],
  });
  expect(
    read(
      collectionsTopic(() => hub.snapshots),
      gateways,
    ),
  ).toMatchObject({ items: [] });
});

test("docs/introspection.md describes every topic with all its parameters", async () => {
  const page = await readFile(new URL("../../../../docs/introspection.md", import.meta.url), "utf8");
  const topics = [
    problemsTopic({ list: () => [], counts: () => ({ error: 0, warning: 0, info: 0 }) }),
    calledTopic(() => []),
    sourcesTopic(() => []),
    snapshotsTopic(snapshots),
    collectionsTopic(snapshots),
    resourcesTopic(snapshots, () => undefined),
    sinksTopic({ sinkCount: 0, sinks: () => [] }),
    settingsTopic(() => []),
    memoryTopic(),
    eventLoopTopic(() => ({ median: 0, p99: 0, worst: 0 })),
    versionTopic({}),
    signalsTopic([]),
    scopesTopic({ scopes: () => [], levels: [], setLevel: () => undefined }),
  ];
  for (const { name, rest, parameters = {} } of topics) {
    expect(page).toContain(`\n### \`${name}\``);
    if (rest !== undefined) expect(page).toContain(`\`${name}/${rest}\``);
    for (const parameter of Object.keys(parameters)) expect(page).toContain(`\`${parameter}\``);
  }
});
