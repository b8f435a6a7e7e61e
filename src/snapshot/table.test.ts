import fc from "fast-check";
import { expect, test } from "vitest";
import type { Collection, ResourceName, ResourceVersion } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { deltaTo } from "./delta.ts";
import { type Change, MAX_CHUNK, Table } from "./table.ts";

const origin = { describe: () => "test" };

function resource(name: string, version: string): Resource {
  return {
    collection: "c" as Collection,
    name: name as ResourceName,
    version: version as ResourceVersion,
    legacy: undefined,
    current: undefined,
    origin,
  };
}

function change(name: string, version: string | undefined): Change {
  return { name: name as ResourceName, resource: version === undefined ? undefined : resource(name, version) };
}

function content(table: Table): [string, string][] {
  return [...table].map((r) => [r.name, r.version]);
}

const edits = fc.array(
  fc.array(
    fc.record({
      name: fc.integer({ min: 0, max: 600 }).map((i) => `n${i}`),
      version: fc.option(fc.integer({ min: 0, max: 3 }).map(String), { nil: undefined, freq: 3 }),
    }),
    { maxLength: 300, size: "max" },
  ),
  { maxLength: 12, size: "max" },
);

test("any series of changes leaves what a plain map would hold, in name order", () => {
  fc.assert(
    fc.property(edits, (rounds) => {
      const model = new Map<string, string>();
      let table = Table.empty;
      for (const round of rounds) {
        for (const { name, version } of round) {
          if (version === undefined) model.delete(name);
          else model.set(name, version);
        }
        table = table.with(round.map(({ name, version }) => change(name, version)));
        expect(content(table)).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
        expect(table.size).toBe(model.size);
        expect(table.chunks.every((chunk) => chunk.length > 0 && chunk.length <= MAX_CHUNK)).toBe(true);
        for (const [name, version] of model) expect(table.get(name as ResourceName)?.version).toBe(version);
      }
    }),
    { numRuns: 100 },
  );
});

test("equal content has equal versions however it came about, and other content has another", () => {
  fc.assert(
    fc.property(edits, (rounds) => {
      const table = rounds.reduce((t, round) => t.with(round.map((e) => change(e.name, e.version))), Table.empty);
      const afresh = Table.of([...table].reverse());
      expect(afresh.version).toBe(table.version);
      const other = table.with([change("n1", table.get("n1" as ResourceName)?.version === "9" ? "8" : "9")]);
      expect(other.version).not.toBe(table.version);
    }),
    { numRuns: 100 },
  );
});

test("the delta between any two tables brings one to the other and names nothing that stayed", () => {
  fc.assert(
    fc.property(edits, fc.nat(), fc.nat(), (rounds, x, y) => {
      const tables = [Table.empty];
      for (const round of rounds) tables.push(tables.at(-1)!.with(round.map((e) => change(e.name, e.version))));
      const from = tables[x % tables.length]!;
      const to = tables[y % tables.length]!;
      for (const held of [from, new Map([...from].map((r) => [r.name, r.version]))]) {
        const delta = deltaTo(held, to);
        const result = new Map(content(from));
        for (const name of delta.removed) expect(result.delete(name)).toBe(true);
        for (const r of delta.upserts) {
          expect(result.get(r.name)).not.toBe(r.version);
          result.set(r.name, r.version);
        }
        expect([...result].sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(content(to));
        expect([...delta.removed].sort()).toEqual(delta.removed);
      }
    }),
    { numRuns: 100 },
  );
});

test("a change that changes nothing gives the very same table", () => {
  const table = Table.of([resource("a", "1"), resource("b", "1")]);
  expect(table.with([change("a", "1"), change("zzz", undefined)])).toBe(table);
});

test("one changed resource among many leaves all chunks but one shared, and its delta is computed once", () => {
  const table = Table.of(Array.from({ length: 10_000 }, (_, i) => resource(`n${i}`, "1")));
  const next = table.with([change("n5000", "2")]);
  const shared = next.chunks.filter((chunk) => table.chunks.includes(chunk));
  expect(shared.length).toBe(next.chunks.length - 1);
  expect(deltaTo(table, next)).toBe(deltaTo(table, next));
  expect(deltaTo(table, next).upserts.map((r) => r.name)).toEqual(["n5000"]);
});

test("the empty table has version 0, and a collection that lost its last resource has it again", () => {
  expect(Table.empty.version).toBe("0");
  expect(Table.of([resource("a", "1")]).with([change("a", undefined)]).version).toBe("0");
});
