import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Collection, ResourceName } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { Hub, type Snapshot } from "../snapshot/hub.ts";
import { Table } from "../snapshot/table.ts";
import { ChangeLog, type CollectionChange } from "./change-log.ts";

const A = "a" as Collection;
const B = "b" as Collection;

function resource(name: string, version: string): Resource {
  return {
    collection: A,
    name: name as ResourceName,
    version: version as Resource["version"],
    legacy: undefined,
    current: undefined,
    origin: { describe: () => "test" },
  };
}

/** What a collection holds: the version of each name. */
type Content = Readonly<Record<string, string>>;

const tableOf = (content: Content): Table =>
  Table.of(Object.entries(content).map(([name, version]) => resource(name, version)));

const snapshotOf = (contents: Readonly<Record<string, Content>>): Snapshot =>
  new Map(Object.entries(contents).map(([collection, content]) => [collection as Collection, tableOf(content)]));

/** A log of these contents, published one after the other by a hub as a publisher does. */
function logged(log: ChangeLog, contents: readonly Readonly<Record<string, Content>>[]): ChangeLog {
  const hub = new Hub(() => "default");
  for (const [index, each] of contents.entries()) {
    const [before, after] = [hub.snapshots.get("default"), snapshotOf(each)];
    log.record({ at: 1000 + index, before, after, changed: hub.publish("default", after) });
  }
  return log;
}

/** The slow truth: a look at each name on both sides. */
function compare(before: Content, after: Content): Pick<CollectionChange, "added" | "updated" | "deleted"> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const counts = { added: 0, updated: 0, deleted: 0 };
  for (const name of names) {
    if (before[name] === undefined) counts.added++;
    else if (after[name] === undefined) counts.deleted++;
    else if (before[name] !== after[name]) counts.updated++;
  }
  return counts;
}

describe("a change log", () => {
  test("tells of each snapshot what it added, updated and deleted", () => {
    const [first, second] = [
      { x: "1", y: "1", z: "1" },
      { x: "1", y: "2", w: "1" },
    ];
    const { changes } = logged(new ChangeLog(), [
      { [A]: first, [B]: {} },
      { [A]: second, [B]: {} },
    ]);
    expect(changes).toEqual([
      {
        id: 1,
        at: 1000,
        collections: [
          {
            collection: A,
            before: "0",
            after: tableOf(first).version,
            added: 3,
            updated: 0,
            deleted: 0,
            names: ["x", "y", "z"].map((name) => ({ name, change: "added" })),
          },
        ],
      },
      {
        id: 2,
        at: 1001,
        collections: [
          {
            collection: A,
            before: tableOf(first).version,
            after: tableOf(second).version,
            added: 1,
            updated: 1,
            deleted: 1,
            names: [
              { name: "z", change: "deleted" },
              { name: "w", change: "added" },
              { name: "y", change: "updated" },
            ],
          },
        ],
      },
    ]);
  });

  test("has nothing to tell of a snapshot that changes nothing, an empty first one included", () => {
    expect(
      logged(new ChangeLog(), [
        { [A]: {}, [B]: {} },
        { [A]: {}, [B]: {} },
      ]).changes,
    ).toEqual([]);
  });

  test("orders collections by name, and tells of one that is emptied", () => {
    const log = logged(new ChangeLog(), [
      { [B]: { x: "1" }, [A]: { x: "1" } },
      { [B]: {}, [A]: { x: "2" } },
    ]);
    expect(log.changes[1]?.collections).toMatchObject([
      { collection: A, updated: 1 },
      { collection: B, after: "0", deleted: 1, names: [{ name: "x", change: "deleted" }] },
    ]);
  });

  test("names ten resources of a change at most, and counts them all", () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`n${i}`, "1"]));
    const { changes } = logged(new ChangeLog(), [{ [A]: {} }, { [A]: many }, { [A]: {} }]);
    expect(changes.map(({ collections }) => collections[0])).toMatchObject([
      { added: 5000, deleted: 0, names: expect.objectContaining({ length: 10 }) },
      { added: 0, deleted: 5000, names: expect.objectContaining({ length: 10 }) },
    ]);
  });

  test("counts what a look at each name counts, and names nothing wrongly", () => {
    const content = fc.dictionary(
      fc.string({ unit: fc.constantFrom("a", "b", "c", "d"), minLength: 1, maxLength: 2 }),
      fc.constantFrom("1", "2"),
    );
    fc.assert(
      fc.property(fc.array(content, { minLength: 2, maxLength: 6 }), (contents) => {
        const { changes } = logged(
          new ChangeLog(),
          contents.map((each) => ({ [A]: each })),
        );
        const byTime = new Map(changes.map(({ at, collections }) => [at, collections[0]!]));
        for (const [index, after] of contents.entries()) {
          const before = contents[index - 1] ?? {};
          const expected = compare(before, after);
          const found = byTime.get(1000 + index);
          const sum = expected.added + expected.updated + expected.deleted;
          expect(found ?? { added: 0, updated: 0, deleted: 0 }).toMatchObject(expected);
          expect(found?.names ?? []).toHaveLength(Math.min(10, sum));
          for (const { name, change } of found?.names ?? []) {
            const kind = before[name] === undefined ? "added" : after[name] === undefined ? "deleted" : "updated";
            expect([name, change]).toEqual([name, kind]);
            expect(before[name]).not.toBe(after[name]);
          }
        }
      }),
    );
  });
});

describe("an old change", () => {
  const contents = (count: number, name: (i: number) => string): Record<string, Content>[] =>
    Array.from({ length: count }, (_, i) => ({ [A]: { [name(i)]: "1" } }));

  test("is forgotten once there are too many", () => {
    const { changes } = logged(
      new ChangeLog(),
      contents(1500, (i) => `n${i}`),
    );
    expect([changes.length, changes[0]?.id, changes.at(-1)?.id]).toEqual([1000, 501, 1500]);
  });

  test("is forgotten once all take too much memory", () => {
    const long = "x".repeat(500);
    const { changes } = logged(
      new ChangeLog({ entries: 1000, bytes: 50_000 }),
      contents(100, (i) => `${long}${i}`),
    );
    expect(changes.length).toBeGreaterThan(10);
    expect(changes.length).toBeLessThan(50);
    expect(changes.at(-1)?.id).toBe(100);
  });

  test("always leaves room for the largest there can be", () => {
    const names = Array.from({ length: 10 }, (_, i) => `${"n".repeat(253)}/${"n".repeat(252)}${i}`);
    const content = Object.fromEntries(names.map((name) => [name, "1"]));
    const all = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`c${i}`, content]));
    expect(logged(new ChangeLog(), [all]).changes).toHaveLength(1);
  });
});
