import { expect, test } from "vitest";
import type { Resource } from "../model/resource.ts";
import type { SourceBatch } from "../sources/source.ts";
import { gateway, Recorder, ScriptedSource, settled, setUp, upsert } from "./testing/world.ts";

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
