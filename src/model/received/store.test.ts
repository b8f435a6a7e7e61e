import fc from "fast-check";
import { expect, test } from "vitest";
import type { Change } from "./change.ts";
import { hold } from "./held.ts";
import type { ReceivedResource } from "./resource.ts";
import { type Effect, InMemoryStore } from "./store.ts";

const resource = (name: string, version: string): ReceivedResource => ({ name, version }) as ReceivedResource;

const name = fc.constantFrom("a", "b", "c", "d", "__proto__", "constructor");
const collection = fc.constantFrom("one", "two");
const resources = fc.array(fc.record({ name, version: fc.constantFrom("1", "2", "3") }), { maxLength: 6 });

const change: fc.Arbitrary<Change> = fc
  .record({ collection, incremental: fc.boolean(), resources, removed: fc.array(name, { maxLength: 4 }) })
  .map(({ collection, incremental, resources, removed }) => ({
    collection,
    version: "",
    incremental,
    resources: resources.map(({ name, version }) => resource(name, version)),
    removed: incremental ? removed : [],
  }));

type Model = Map<string, Map<string, string>>;

/** What the change means, said as simply as it can be. */
function applyToModel(model: Model, { collection, incremental, resources, removed }: Change): void {
  const content = incremental ? (model.get(collection) ?? new Map<string, string>()) : new Map<string, string>();
  for (const { name, version } of resources) content.set(name, version);
  for (const name of removed) content.delete(name);
  model.set(collection, content);
}

function sorted(entries: Iterable<readonly [string, string]>): (readonly [string, string])[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}

test("any row of whole and incremental changes leaves what they say", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const store = new InMemoryStore();
      const model: Model = new Map();
      for (const each of changes) {
        store.apply(each);
        applyToModel(model, each);
      }
      expect([...store.topics].sort()).toEqual([...model.keys()].sort());
      for (const [collection, content] of model) {
        expect(sorted(store.versions.get(collection)!)).toEqual(sorted(content));
      }
    }),
  );
});

test("what is held by the changes that were taken in is what the store has", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const store = new InMemoryStore();
      const held = { one: new Map<string, string>(), two: new Map<string, string>() };
      for (const each of changes) {
        store.apply(each);
        hold(held[each.collection as keyof typeof held], each);
      }
      for (const [collection, versions] of Object.entries(held)) {
        expect(sorted(versions)).toEqual(sorted(store.versions.get(collection) ?? new Map<string, string>()));
      }
    }),
  );
});

test("whoever follows the effects alone ends with the same content", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
      const store = new InMemoryStore();
      const followed = new Map<string, Map<string, string>>();
      for (const each of changes) {
        const content = followed.get(each.collection) ?? new Map<string, string>();
        followed.set(each.collection, content);
        for (const effect of store.apply(each)) follow(content, effect);
      }
      for (const [collection, content] of followed) {
        expect(sorted(content)).toEqual(sorted(store.versions.get(collection)!));
      }
    }),
  );
});

/** Takes an effect over, after checking that it is one: what is added was not there, what changes was. */
function follow(content: Map<string, string>, { kind, name, resource }: Effect): void {
  expect(content.has(name)).toBe(kind !== "added");
  if (kind === "deleted") content.delete(name);
  else {
    expect(content.get(name)).not.toBe(resource.version);
    content.set(name, resource.version);
  }
}

test("collections of MCP and types of xDS are kept side by side", () => {
  const store = new InMemoryStore();
  const change = { version: "", incremental: false, removed: [] };
  store.apply({ ...change, collection: "one", resources: [resource("a", "1")] });
  store.apply({ ...change, typeUrl: "example/v1/One", resources: [resource("b", "2")] });
  expect(store.versions).toEqual(
    new Map([
      ["one", new Map([["a", "1"]])],
      ["example/v1/One", new Map([["b", "2"]])],
    ]),
  );
});

test("before its first change a collection is unknown, afterwards it may be empty", () => {
  const store = new InMemoryStore();
  expect(store.get("one")).toBeUndefined();
  store.apply({ collection: "one", version: "0", incremental: false, resources: [], removed: [] });
  expect(store.get("one")?.size).toBe(0);
  expect(store.topics).toEqual(["one"]);
});

test("an equal version is no effect, but the newer object is kept", () => {
  const store = new InMemoryStore();
  const push = (item: ReceivedResource): readonly Effect[] =>
    store.apply({ collection: "one", version: "", incremental: false, resources: [item], removed: [] });
  expect(push(resource("a", "1")).map(({ kind }) => kind)).toEqual(["added"]);
  const again = resource("a", "1");
  expect(push(again)).toEqual([]);
  expect(store.get("one")?.get("a")).toBe(again);
});
