import { expect, test } from "vitest";
import type { Source } from "../sources/source.ts";
import { SOURCE_END_MS } from "./pipeline.ts";
import { silentLogger } from "../lib/logger.ts";
import {
  gateway,
  gateways,
  published,
  Recorder,
  registry,
  ScriptedSource,
  settled,
  setUp,
  trouble,
  upsert,
} from "./testing/world.ts";

test("nothing is published before every source has said all that existed", async () => {
  const one = new ScriptedSource("one");
  const two = new ScriptedSource("two");
  const { pipeline, hub, clock } = setUp([one, two]);
  one.say(upsert(gateway("a", "1")), { kind: "synced" });
  two.say(upsert(gateway("b", "1")));
  await settled();
  clock.advance(60_000);
  expect([pipeline.ready, published(hub)]).toEqual([false, undefined]);
  two.say({ kind: "synced" });
  await settled();
  expect([pipeline.ready, published(hub)]).toEqual([true, ["a@1", "b@1"]]);
  await pipeline[Symbol.asyncDispose]();
});

test("the first snapshot is published even if it is empty, with every collection in it", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub } = setUp([source]);
  source.say({ kind: "synced" });
  await settled();
  const collections = registry.all.filter((spec) => spec.snapshotGroup === "default");
  expect(hub.snapshots.get("default")?.size).toBe(collections.length);
  expect(hub.latest(gateways)?.version).toBe("0");
  await pipeline[Symbol.asyncDispose]();
});

test("a lone change is published at once, and what follows within the window together", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub, clock } = setUp([source]);
  source.say({ kind: "synced" });
  await settled();
  clock.advance(100);
  source.say(upsert(gateway("a", "1")));
  await settled();
  expect(published(hub)).toEqual(["a@1"]);
  source.say(upsert(gateway("a", "2")));
  await settled();
  source.say(upsert(gateway("a", "3")));
  await settled();
  expect(published(hub)).toEqual(["a@1"]);
  clock.advance(10);
  expect(published(hub)).toEqual(["a@3"]);
  await pipeline[Symbol.asyncDispose]();
});

test("under steady change, snapshots go out half as often as they can be handed out", async () => {
  const source = new ScriptedSource("files");
  let forgotten = false;
  const { pipeline, hub, clock } = setUp([source], silentLogger, {
    whenOver: (over) => void clock.schedule(200, over),
    forget: () => void (forgotten = true),
  });
  const times: number[] = [];
  hub.watch(gateways, () => times.push(clock.now()));
  source.say({ kind: "synced" });
  for (let i = 0; i < 250; i++) {
    source.say(upsert(gateway("a", `${i}`)));
    await settled();
    clock.advance(10);
  }
  expect(times.slice(-3).map((at) => at - times.at(-1)!)).toEqual([-800, -400, 0]);
  await pipeline[Symbol.asyncDispose]();
  expect(forgotten).toBe(true);
});

test("a change that comes in several pieces is published in one", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub, clock } = setUp([source]);
  source.say({ kind: "synced" });
  await settled();
  clock.advance(100);
  const seen: unknown[] = [];
  hub.watch(gateways, () => seen.push(published(hub)));
  source.say(upsert(gateway("a", "1")), upsert(gateway("b", "1")), upsert(gateway("c", "1")));
  await settled();
  expect(seen).toEqual([["a@1", "b@1", "c@1"]]);
  await pipeline[Symbol.asyncDispose]();
});

test("a source that recovers before it has said everything is still starting", async () => {
  const source = new ScriptedSource("files");
  const { pipeline } = setUp([source]);
  source.say({ kind: "degraded", reason: trouble }, { kind: "recovered" });
  await settled();
  expect(pipeline.sources).toMatchObject([{ state: "starting" }]);
  expect(pipeline.ready).toBe(false);
  await pipeline[Symbol.asyncDispose]();
});

test("a source that ignores its signal does not hold up the disposal for ever", async () => {
  const log = new Recorder();
  const stuck: Source = {
    name: "stuck",
    async *read() {
      yield { kind: "synced" };
      await new Promise(() => undefined);
    },
  };
  const { pipeline, clock } = setUp([stuck], log);
  await settled();
  const disposed = pipeline[Symbol.asyncDispose]();
  await settled();
  clock.advance(SOURCE_END_MS);
  await disposed;
  expect(log.lines).toEqual(["warn the source stuck does not end when it is told to, and is left to itself"]);
  expect(clock.pending).toBe(0);
});

test("a source that throws because it is told to end has not failed", async () => {
  const log = new Recorder();
  const source: Source = {
    name: "waiting",
    async *read(signal) {
      yield { kind: "synced" };
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    },
  };
  const { pipeline } = setUp([source], log);
  await settled();
  await pipeline[Symbol.asyncDispose]();
  expect([log.lines, pipeline.problems.list()]).toEqual([[], []]);
});

test("after disposal no timer is left and nothing is published", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub, clock } = setUp([source]);
  source.say({ kind: "synced" });
  await settled();
  await pipeline[Symbol.asyncDispose]();
  expect(clock.pending).toBe(0);
  source.say(upsert(gateway("a", "1")));
  await settled();
  expect(published(hub)).toEqual([]);
});
