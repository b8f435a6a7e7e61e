import { expect, test } from "vitest";
import type { Problem } from "../model/problem.ts";
import { gateway, published, Recorder, ScriptedSource, settled, setUp, trouble, upsert } from "./testing/world.ts";

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
