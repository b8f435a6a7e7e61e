import fc from "fast-check";
import { expect, test } from "vitest";
import type { Collection, ResourceName } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { State } from "./state.ts";

const C = "c" as Collection;

function resource(name: string, version: string): Resource {
  const origin = { describe: () => "test" };
  return {
    collection: C,
    name: name as ResourceName,
    version: version as Resource["version"],
    legacy: undefined,
    current: undefined,
    origin,
  };
}

function content(state: State): Record<string, string> {
  return Object.fromEntries([...(state.tables.get(C) ?? [])].map((r) => [r.name, r.version]));
}

test("a collection that nobody gave anything to is there, and empty", () => {
  expect(new State(["files"], [C]).tables.get(C)?.size).toBe(0);
});

test("what did not change is no change", () => {
  const state = new State(["files"], [C]);
  expect(state.patch("files", [resource("a", "1")], [])).toEqual(new Set([C]));
  expect(state.patch("files", [resource("a", "1")], [])).toEqual(new Set());
  expect(state.patch("files", [], [{ collection: C, name: "unknown" as ResourceName }])).toEqual(new Set());
});

test("a replacement deletes what it does not name", () => {
  const state = new State(["files"], [C]);
  state.replace("files", C, [resource("a", "1"), resource("b", "1")]);
  expect(state.replace("files", C, [resource("b", "1")])).toEqual(new Set([C]));
  expect(content(state)).toEqual({ b: "1" });
  expect(state.replace("files", C, [resource("b", "1")])).toEqual(new Set());
});

test("of two sources that say one name the earlier wins, and the other takes over when it goes", () => {
  const state = new State(["first", "second"], [C]);
  state.patch("second", [resource("a", "theirs")], []);
  expect(content(state)).toEqual({ a: "theirs" });
  state.patch("first", [resource("a", "mine")], []);
  expect(content(state)).toEqual({ a: "mine" });
  expect(state.patch("second", [resource("a", "theirs-2")], [])).toEqual(new Set());
  state.patch("first", [], [resource("a", "")]);
  expect(content(state)).toEqual({ a: "theirs-2" });
});

test("a table that was read stays as it was, whatever comes after", () => {
  const state = new State(["files"], [C]);
  state.patch("files", [resource("a", "1")], []);
  const before = state.tables.get(C)!;
  state.patch("files", [resource("a", "2"), resource("b", "1")], []);
  expect([...before].map((r) => r.version)).toEqual(["1"]);
});

test("any edits of two sources leave what precedence says of plain maps", () => {
  const edit = fc.record({
    source: fc.constantFrom("first", "second"),
    name: fc.constantFrom("a", "b", "c"),
    version: fc.option(fc.constantFrom("1", "2"), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(edit), (edits) => {
      const state = new State(["first", "second"], [C]);
      const model = { first: new Map<string, string>(), second: new Map<string, string>() };
      for (const { source, name, version } of edits) {
        const maps = model[source];
        if (version === undefined) {
          maps.delete(name);
          state.patch(source, [], [{ collection: C, name: name as ResourceName }]);
        } else {
          maps.set(name, version);
          state.patch(source, [resource(name, version)], []);
        }
        expect(content(state)).toEqual(Object.fromEntries([...model.second, ...model.first]));
      }
    }),
  );
});
