import { describe, expect, test } from "vitest";
import { cutPage } from "../listing.ts";
import { changesTopic } from "./changes.ts";
import { problemsTopic } from "./problems.ts";
import type { ProblemView } from "./problems.ts";
import { judge } from "./sink-states.ts";
import type { HoldingView } from "./sink-states.ts";
import type { SinkView } from "./sinks.ts";
import { sourcesTopic } from "./sources.ts";
import { statusTopic } from "./status.ts";
import type { StatusViews } from "./status.ts";

function holding(collection: string, more: Partial<HoldingView> = {}): HoldingView {
  const synced = {
    sent: "1",
    acked: "1",
    nacked: undefined,
    incremental: false,
    awaitingSince: undefined,
    synced: true,
  };
  return { collection, topic: collection, names: undefined, ...synced, ...more };
}

const behind = { synced: false, acked: undefined };
const refusedAt = (at: number): Partial<HoldingView> => ({
  ...behind,
  nacked: { version: "2", code: 3, message: "bad", at },
});

function sink(id: number, ...collections: HoldingView[]): SinkView {
  return {
    id,
    peer: `10.0.0.${id}:5000`,
    protocol: "mcp",
    sinkId: `sink-${id}`,
    annotations: {},
    since: id * 1000,
    collections,
  };
}

const problem: ProblemView = { severity: "error", code: "c", message: "m", action: "a", source: "files", since: 0 };

/** A topic over sinks that may change, and a clock that tests move. */
interface TestViews extends StatusViews {
  readonly sinkList: SinkView[];
  nowMs: number;
  /** How often all sinks were looked at. */
  walks: number;
}

function world(views: Partial<StatusViews> = {}): TestViews {
  const it: TestViews = {
    sinkList: [],
    nowMs: 90_500,
    walks: 0,
    version: "1.2.3",
    uptimeMs: () => it.nowMs,
    missing: () => [],
    load: () => ({ heapUsed: 1000, heapLimit: 2000, eventLoop: { median: 0, p99: 0.00123, worst: 0.25 } }),
    lostLogRecords: () => 0,
    sources: sourcesTopic(() => [{ name: "files", state: "synced", since: 0, reason: undefined }]),
    problems: problemsTopic({ list: () => [], counts: () => ({ error: 0, warning: 0, info: 0 }) }),
    changes: changesTopic(() => []),
    snapshots: () => [],
    sinks: {
      get sinkCount(): number {
        return it.sinkList.length;
      },
      sinks(): Iterable<SinkView> {
        it.walks++;
        return it.sinkList;
      },
    },
    called: () => [],
    ...views,
  };
  return it;
}

function ask(topic: ReturnType<typeof statusTopic>, rest = "", state?: string): unknown {
  const answer = topic.read({ rest, parameter: (name) => (name === "state" ? state : undefined) });
  if (answer.kind === "value") return JSON.parse(JSON.stringify(answer.value));
  if (answer.kind === "refused") return answer;
  const { items } = cutPage(answer.listing, undefined, 100);
  return {
    count: answer.listing.count,
    items: JSON.parse(JSON.stringify(items.map((entry) => entry.show()))) as unknown,
  };
}

describe("a sink", () => {
  test("is judged by the worst of its collections", () => {
    expect(judge(sink(1))).toMatchObject({ state: "synced", subscribed: 0, synced: 0, refused: 0, worst: undefined });
    expect(judge(sink(1, holding("a"), holding("b", behind)))).toMatchObject({
      state: "behind",
      subscribed: 2,
      synced: 1,
    });
    const both = judge(sink(1, holding("a", behind), holding("b", refusedAt(5)), holding("c", refusedAt(3))));
    expect(both).toMatchObject({ state: "refused", refused: 2, worst: { collection: "c" } });
  });

  test("isn't blamed for a refusal that is past: it has what is published now", () => {
    expect(judge(sink(1, holding("a", { ...refusedAt(5), synced: true, acked: "1" })))).toMatchObject({
      state: "synced",
      refused: 0,
    });
  });

  test("is worst where it owes an answer for the longest time; what isn't sent yet comes last", () => {
    const collections = [
      holding("a", behind),
      holding("b", { ...behind, awaitingSince: 7 }),
      holding("c", { ...behind, awaitingSince: 5 }),
    ];
    expect(judge(sink(1, ...collections)).worst?.collection).toBe("c");
  });
});

describe("the status", () => {
  test("tells how all is at a glance", () => {
    const table = (size: number): { size: number; version: string; chunks: [] } => ({
      size,
      version: `v${size}`,
      chunks: [],
    });
    const change = { id: 4, at: 60_000, collections: [] };
    const views = world({
      missing: () => ["the source kube is starting"],
      problems: problemsTopic({
        list: () => Array.from({ length: 7 }, (_, i) => ({ ...problem, at: { file: "a.yaml", line: i + 1 } })),
        counts: () => ({ error: 7, warning: 0, info: 0 }),
      }),
      changes: changesTopic(() => [{ ...change, id: 3 }, change]),
      snapshots: () => [
        [
          "default",
          [
            ["b", table(5)],
            ["a", table(37)],
          ],
        ],
      ],
    });
    views.sinkList.push(
      sink(1, holding("a"), holding("b")),
      sink(2, holding("a", { ...behind, awaitingSince: 70_000 })),
      sink(3, holding("a", refusedAt(5)), holding("b", { ...behind, awaitingSince: 60_000 })),
    );
    expect(ask(statusTopic(views))).toEqual({
      version: "1.2.3",
      uptimeSeconds: 90,
      ready: false,
      missing: ["the source kube is starting"],
      process: {
        heapUsed: 1000,
        heapLimit: 2000,
        eventLoop: { medianMs: 0, p99Ms: 1.2, worstMs: 250 },
      },
      resources: 42,
      lastChange: { id: 4, at: "1970-01-01T00:01:00.000Z", collections: [] },
      sources: [{ name: "files", state: "synced", since: "1970-01-01T00:00:00.000Z" }],
      problems: {
        counts: { error: 7, warning: 0, info: 0 },
        count: 7,
        items: [1, 2, 3, 4, 5].map((line) => expect.objectContaining({ line }) as unknown),
      },
      sinks: {
        count: 3,
        refused: 1,
        behind: 1,
        synced: 1,
        oldestUnanswered: {
          id: 3,
          sinkId: "sink-3",
          peer: "10.0.0.3:5000",
          collection: "b",
          since: "1970-01-01T00:01:00.000Z",
        },
      },
      collections: [
        { collection: "a", group: "default", version: "v37", count: 37, sinks: 3, synced: 1, refused: 1 },
        { collection: "b", group: "default", version: "v5", count: 5, sinks: 2, synced: 1, refused: 0 },
      ],
    });
  });

  test("of a server on which nothing happens has nothing to tell", () => {
    expect(ask(statusTopic(world()))).toMatchObject({
      ready: true,
      resources: 0,
      problems: { count: 0, items: [] },
      sinks: { count: 0, refused: 0, behind: 0, synced: 0 },
      collections: [],
    });
  });

  test("tells how many records of the log were lost, if any", () => {
    expect(ask(statusTopic(world({ lostLogRecords: () => 3 })))).toMatchObject({ lostLogRecords: 3 });
    expect(JSON.stringify(ask(statusTopic(world())))).not.toContain("lostLogRecords");
  });

  test("tells how many of the sinks that are called are connected, and of some why they aren't", () => {
    const common = { since: 0, retryAt: undefined, lastEnd: undefined };
    const gone = { ...common, state: "waiting", retryAt: 2000, lastEnd: { code: 14, message: "refused", at: 0 } };
    const called = [
      { ...common, address: "a:1", state: "connected" },
      ...["b", "c", "d", "e", "f", "g"].map((name) => ({ ...gone, address: `${name}:1` })),
    ];
    const { called: told } = ask(statusTopic(world({ called: () => called }))) as {
      called: { unconnected: unknown[] };
    };
    expect(told).toMatchObject({ count: 7, connected: 1 });
    expect(told.unconnected).toHaveLength(5);
    expect(told.unconnected[0]).toEqual({
      address: "b:1",
      state: "waiting",
      since: "1970-01-01T00:00:00.000Z",
      retryAt: "1970-01-01T00:00:02.000Z",
      lastEnd: { code: 14, message: "refused", at: "1970-01-01T00:00:00.000Z" },
    });
    expect(ask(statusTopic(world()))).not.toHaveProperty("called");
  });

  test("counts the sinks that have not subscribed to anything, which are called synced", () => {
    const views = world();
    views.sinkList.push(sink(1), sink(2, holding("a")), sink(3));
    expect(ask(statusTopic(views))).toMatchObject({ sinks: { count: 3, synced: 3, unsubscribed: 2 } });
  });

  test("looks at the sinks once a second at most, however often it is asked", () => {
    const views = world();
    const topic = statusTopic(views);
    views.sinkList.push(sink(1, holding("a")));
    for (const rest of ["", "sinks", "", "sinks"]) ask(topic, rest);
    expect(views.walks).toBe(1);
    views.sinkList.push(sink(2, holding("a")));
    views.nowMs += 999;
    expect(ask(topic, "sinks")).toMatchObject({ count: 1 });
    views.nowMs += 1;
    expect(ask(topic, "sinks")).toMatchObject({ count: 2 });
  });
});

describe("the list of sinks", () => {
  const views = world();
  views.sinkList.push(
    sink(1, holding("a")),
    sink(2, holding("a", behind)),
    sink(9, holding("a", refusedAt(5)), holding("b")),
    sink(10, holding("a", { ...behind, awaitingSince: 4000 })),
  );
  const topic = statusTopic(views);

  test("tells of each in short how it is, and where it is worst", () => {
    const { items } = ask(topic, "sinks") as { items: unknown[] };
    expect(items).toHaveLength(4);
    expect(items[2]).toEqual({
      id: 9,
      sinkId: "sink-9",
      protocol: "mcp",
      peer: "10.0.0.9:5000",
      since: "1970-01-01T00:00:09.000Z",
      state: "refused",
      subscribed: 2,
      synced: 1,
      refused: 1,
      worst: {
        collection: "a",
        sent: "1",
        nacked: { version: "2", code: 3, message: "bad", at: "1970-01-01T00:00:00.005Z" },
      },
    });
    expect(items[3]).toMatchObject({ worst: { collection: "a", awaitingSince: "1970-01-01T00:00:04.000Z" } });
  });

  test.each([
    ["refused", [9]],
    ["behind", [2, 10]],
    ["synced", [1]],
  ])("is limited to those that are %s", (state, ids) => {
    expect(ask(topic, "sinks", state)).toMatchObject({ count: ids.length, items: ids.map((id) => ({ id })) });
  });

  test("is paged in the order in which they came", () => {
    const answer = topic.read({ rest: "sinks", parameter: () => undefined });
    if (answer.kind !== "list") throw new Error("expected a list");
    const first = cutPage(answer.listing, undefined, 3);
    expect(first.items.map(({ key }) => key)).toEqual(["1", "2", "9"]);
    expect(cutPage(answer.listing, first.next, 3).items.map(({ key }) => key)).toEqual(["10"]);
  });

  test("refuses what it doesn't know", () => {
    expect(ask(topic, "sinks", "happy")).toMatchObject({ status: 400, message: 'state is "happy"' });
    expect(ask(topic, "", "refused")).toMatchObject({ status: 400, remedy: "ask for status/sinks" });
    expect(ask(topic, "nothing")).toMatchObject({ status: 404 });
  });
});
