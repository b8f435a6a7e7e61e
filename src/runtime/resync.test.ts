import { expect, test } from "vitest";
import type { SourceBatch } from "../sources/source.ts";
import {
  gateway,
  gateways,
  published,
  Recorder,
  ScriptedSource,
  settled,
  setUp,
  trouble,
  upsert,
} from "./testing/world.ts";

test("a source that throws is started again, keeps what it gave meanwhile, and loses what it does not say again", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub, clock } = setUp([source]);
  source.say(upsert(gateway("a", "1"), gateway("b", "1")), { kind: "synced" }, new Error("boom"));
  await settled();
  expect(pipeline.sources).toMatchObject([{ state: "failed" }]);
  expect(published(hub)).toEqual(["a@1", "b@1"]);
  clock.advance(1000);
  await settled();
  expect(source.reads).toBe(2);
  source.say(upsert(gateway("b", "1")));
  await settled();
  clock.advance(1000);
  expect(published(hub)).toEqual(["a@1", "b@1"]);
  source.say({ kind: "synced" });
  await settled();
  clock.advance(1000);
  expect(published(hub)).toEqual(["b@1"]);
  source.say(upsert(gateway("c", "1")));
  await settled();
  clock.advance(1000);
  expect(published(hub)).toEqual(["b@1", "c@1"]);
  expect(pipeline.sources).toMatchObject([{ state: "synced" }]);
  expect(pipeline.problems.list()).toEqual([]);
  await pipeline[Symbol.asyncDispose]();
});

test("what a source says that was started anew is published in one piece, once it has said everything", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub, clock } = setUp([source]);
  source.say(upsert(gateway("a", "1"), gateway("b", "1"), gateway("c", "1")), { kind: "synced" }, new Error("boom"));
  await settled();
  clock.advance(1000);
  const seen: unknown[] = [];
  hub.watch(gateways, () => seen.push(published(hub)));
  const news: SourceBatch[] = [
    { kind: "replace", collection: gateways, resources: [gateway("z", "1")] },
    { kind: "replace", collection: gateways, resources: [] },
    upsert(gateway("b", "2"), gateway("d", "1")),
    { kind: "patch", upserts: [gateway("e", "1")], deletes: [gateway("d", "1")] },
    upsert(gateway("c", "1")),
  ];
  for (const batch of news) {
    source.say(batch);
    await settled();
    clock.advance(2000);
  }
  expect([published(hub), seen]).toEqual([["a@1", "b@1", "c@1"], []]);
  source.say({ kind: "synced" });
  await settled();
  clock.advance(2000);
  expect(seen).toEqual([["b@2", "c@1", "e@1"]]);
  await pipeline[Symbol.asyncDispose]();
});

test("what a source says between two failures counts for nothing", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub, clock } = setUp([source]);
  source.say(upsert(gateway("a", "1")), { kind: "synced" }, new Error("boom"));
  await settled();
  clock.advance(60_000);
  await settled();
  source.say(upsert(gateway("a", "2"), gateway("b", "1")), new Error("boom"));
  await settled();
  clock.advance(60_000);
  await settled();
  source.say(upsert(gateway("a", "1")), { kind: "synced" });
  await settled();
  clock.advance(2000);
  expect([source.reads, published(hub)]).toEqual([3, ["a@1"]]);
  await pipeline[Symbol.asyncDispose]();
});

test("what a source gave that fails before it has ever said everything is gone, unless it says it again", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub, clock } = setUp([source]);
  source.say(upsert(gateway("a", "1"), gateway("b", "1")), new Error("boom"));
  await settled();
  clock.advance(1000);
  source.say(upsert(gateway("b", "1")), { kind: "synced" });
  await settled();
  expect(published(hub)).toEqual(["b@1"]);
  await pipeline[Symbol.asyncDispose]();
});

test("problems that a source started anew does not speak of are mended once it has said everything", async () => {
  const source = new ScriptedSource("files");
  const other = new ScriptedSource("files2");
  const { pipeline, clock } = setUp([source, other]);
  const say = (from: ScriptedSource, ...scopes: string[]): void =>
    from.say(
      ...scopes.map((scope): SourceBatch => ({ kind: "problems", scope, problems: [{ ...trouble, code: scope }] })),
    );
  const codes = (): string[] => pipeline.problems.list().map(({ source, code }) => `${source} ${code}`);
  say(source, "source", "two");
  say(other, "one");
  source.say({ kind: "synced" }, new Error("boom"));
  await settled();
  clock.advance(1000);
  say(source, "two", "three");
  await settled();
  expect(codes().sort()).toEqual(["files source", "files source-failed", "files three", "files two", "files2 one"]);
  source.say({ kind: "synced" });
  await settled();
  expect(codes().sort()).toEqual(["files three", "files two", "files2 one"]);
  await pipeline[Symbol.asyncDispose]();
});

test("a source that fails again and again is not mended before it has said everything", async () => {
  const source = new ScriptedSource("files");
  const log = new Recorder();
  const { pipeline, clock } = setUp([source], log);
  source.say(upsert(gateway("a", "1")), { kind: "synced" });
  for (const words of ["boom", "bang", "bang"]) {
    source.say({ kind: "degraded", reason: trouble }, { kind: "recovered" }, new Error(words));
    await settled();
    expect(pipeline.sources).toMatchObject([{ state: "failed", reason: { code: "source-failed" } }]);
    expect(pipeline.problems.list()).toMatchObject([{ message: expect.stringContaining(words) as string }]);
    clock.advance(60_000);
    await settled();
  }
  const told = (): string[] => log.lines.filter((line) => /failed/.test(line)).map((line) => line.split("\n")[0]!);
  const errors = ["error the source files failed: Error: boom", "error the source files failed: Error: bang"];
  expect(told()).toEqual(errors);
  source.say({ kind: "degraded", reason: trouble });
  await settled();
  expect(pipeline.sources).toMatchObject([{ state: "failed" }]);
  expect(pipeline.problems.list()).toHaveLength(2);
  source.say({ kind: "recovered" }, upsert(gateway("a", "1")), { kind: "synced" });
  await settled();
  expect(told()).toEqual([...errors, "info mended source-failed"]);
  expect(pipeline.sources).toMatchObject([{ state: "synced", reason: undefined }]);
  expect(pipeline.problems.list()).toEqual([]);
  await pipeline[Symbol.asyncDispose]();
});
