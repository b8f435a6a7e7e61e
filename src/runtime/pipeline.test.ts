import { expect, test } from "vitest";
import type { LogFields, Logger } from "../lib/logger.ts";
import { silentLogger } from "../lib/logger.ts";
import { ManualClock } from "../lib/manual-clock.ts";
import type { Collection, ResourceName } from "../model/names.ts";
import type { Problem } from "../model/problem.ts";
import { istioCollections } from "../model/registry.ts";
import type { Resource } from "../model/resource.ts";
import { Hub } from "../snapshot/hub.ts";
import type { Source, SourceBatch } from "../sources/source.ts";
import { silentRuntimeObserver } from "./observer.ts";
import { Pipeline, SOURCE_END_MS } from "./pipeline.ts";
import type { HandingOut } from "./publisher.ts";

const gateways = "istio/networking/v1alpha3/gateways" as Collection;
const registry = istioCollections();

function gateway(name: string, version: string): Resource {
  const origin = { describe: () => "test" };
  return {
    collection: gateways,
    name: name as ResourceName,
    version: version as Resource["version"],
    legacy: undefined,
    current: undefined,
    origin,
  };
}

function upsert(...resources: Resource[]): SourceBatch {
  return { kind: "patch", upserts: resources, deletes: [] };
}

/** A source that says what the test tells it to. */
class ScriptedSource implements Source {
  readonly name: string;
  reads = 0;
  #said: (SourceBatch | Error)[] = [];
  #wake: (() => void) | undefined;

  constructor(name: string) {
    this.name = name;
  }

  say(...batches: (SourceBatch | Error)[]): void {
    this.#said.push(...batches);
    this.#wake?.();
  }

  async *read(signal: AbortSignal): AsyncIterable<SourceBatch> {
    this.reads++;
    signal.addEventListener("abort", () => this.#wake?.());
    while (!signal.aborted) {
      const next = this.#said.shift();
      if (next instanceof Error) throw next;
      if (next !== undefined) yield next;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

class Recorder implements Logger {
  readonly lines: string[] = [];
  debug(): void {}
  info(message: string, fields?: LogFields): void {
    this.lines.push(`info ${message} ${fields?.["code"] ?? ""}`);
  }
  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error ${message}`);
  }
  scope(): Logger {
    return this;
  }
}

function setUp(
  sources: Source[],
  log: Logger = silentLogger,
  handOut?: HandingOut,
): { pipeline: Pipeline; hub: Hub; clock: ManualClock } {
  const clock = new ManualClock();
  clockNow = clock;
  const hub = new Hub((collection) => registry.get(collection)?.snapshotGroup ?? "default");
  const pipeline = new Pipeline({
    sources,
    registry,
    hub,
    clock,
    log,
    observer: silentRuntimeObserver,
    ...(handOut && { handOut }),
  });
  pipeline.start();
  return { pipeline, hub, clock };
}

/** The clock of the pipeline under test. */
let clockNow = new ManualClock();

/** Lets everything that is waiting run, what was put off to the next turn included. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  clockNow.advance(0);
}

function published(hub: Hub): string[] | undefined {
  const table = hub.latest(gateways);
  return table && [...table].map((r) => `${r.name}@${r.version}`);
}

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
    whenOver: (over) => void clockNow.schedule(200, over),
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

const trouble: Problem = { severity: "error", code: "folder-gone", message: "the folder is gone", action: "all stays" };

test("a change that comes in several pieces is published in one", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub } = setUp([source]);
  source.say({ kind: "synced" });
  await settled();
  clockNow.advance(100);
  const seen: unknown[] = [];
  hub.watch(gateways, () => seen.push(published(hub)));
  source.say(upsert(gateway("a", "1")), upsert(gateway("b", "1")), upsert(gateway("c", "1")));
  await settled();
  expect(seen).toEqual([["a@1", "b@1", "c@1"]]);
  await pipeline[Symbol.asyncDispose]();
});

test("a degraded source loses nothing, is listed as a problem, and is well again when it says so", async () => {
  const source = new ScriptedSource("files");
  const { pipeline, hub } = setUp([source]);
  source.say(upsert(gateway("a", "1")), { kind: "synced" }, { kind: "degraded", reason: trouble });
  await settled();
  expect(published(hub)).toEqual(["a@1"]);
  expect(pipeline.sources).toMatchObject([{ name: "files", state: "degraded", reason: trouble }]);
  expect(pipeline.problems.list()).toMatchObject([{ code: "folder-gone", source: "files" }]);
  source.say({ kind: "recovered" });
  await settled();
  expect(pipeline.sources).toMatchObject([{ state: "synced", reason: undefined }]);
  expect(pipeline.problems.list()).toEqual([]);
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

test("that a source takes back all or most of what it gave is warned of, with the number", async () => {
  const source = new ScriptedSource("files");
  const log = new Recorder();
  const { pipeline, clock } = setUp([source], log);
  const names = (from: number, to: number): Resource[] =>
    Array.from({ length: to - from }, (_, i) => gateway(`${from + i}`, "1"));
  const say = async (upserts: Resource[], ...deletes: Resource[][]): Promise<string[]> => {
    source.say(
      upsert(...upserts),
      ...deletes.map((some): SourceBatch => ({ kind: "patch", upserts: [], deletes: some })),
    );
    await settled();
    clock.advance(2000);
    return log.lines.splice(0);
  };
  source.say({ kind: "synced" });
  expect(await say(names(0, 30))).toEqual([]);
  const words = (what: string): string[] => [`warn ${what} that the source files gave were deleted`];
  expect(await say([], names(0, 15))).toEqual([]);
  expect(await say(names(30, 51), names(15, 20), names(20, 24))).toEqual([]);
  expect(await say([], names(24, 30), names(30, 38))).toEqual(words("14 of 27 resources"));
  expect(await say(names(60, 62), names(38, 44), names(44, 51))).toEqual(words("all 13 resources"));
  expect(await say([], names(0, 70))).toEqual(words("all 2 resources"));
  expect(await say([], names(0, 70))).toEqual([]);
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

test("a problem is reported once, stays listed while it lasts, and is reported as mended once", async () => {
  const source = new ScriptedSource("files");
  const log = new Recorder();
  const { pipeline } = setUp([source], log);
  const broken: Problem = {
    severity: "error",
    code: "yaml-syntax",
    message: "bad",
    action: "kept",
    at: { file: "a.yaml", line: 3 },
  };
  for (let i = 0; i < 3; i++) source.say({ kind: "problems", scope: "a.yaml", problems: [broken] });
  await settled();
  expect(log.lines).toEqual(["error bad; kept"]);
  expect(pipeline.problems.list()).toHaveLength(1);
  expect(pipeline.problems.counts()).toEqual({ error: 1, warning: 0, info: 0 });
  source.say({ kind: "problems", scope: "a.yaml", problems: [] });
  await settled();
  expect(log.lines).toEqual(["error bad; kept", "info mended yaml-syntax"]);
  expect(pipeline.problems.list()).toEqual([]);
  await pipeline[Symbol.asyncDispose]();
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
