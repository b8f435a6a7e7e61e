import fc from "fast-check";
import { expect, test } from "vitest";
import type { ResourceName, ResourceVersion } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { Claim } from "./claim.ts";
import { deltaTo } from "./delta.ts";
import { Table } from "./table.ts";

type Kept = ReadonlyMap<ResourceName, ResourceVersion>;

function tableOf(content: Readonly<Record<string, string>>): Table {
  return Table.of(Object.entries(content).map(([name, version]) => ({ name, version }) as Resource));
}

function keptOf(content: Readonly<Record<string, string>>): Kept {
  return new Map(Object.entries(content) as [ResourceName, ResourceVersion][]);
}

const names = Array.from("abcdefgh", (letter) => `ns/${letter}`);
const content = fc.dictionary(fc.constantFrom(...names), fc.constantFrom("1", "2", "3"), { noNullPrototype: true });

test("a claim leads to the same deltas as what was said, whatever it is told against and whatever is left of it", () => {
  fc.assert(
    fc.property(content, content, content, fc.subarray(names), (said, known, next, wanted) => {
      const kept = keptOf(said);
      const claim = Claim.of(kept).against(tableOf(known));
      for (const to of [tableOf(next), tableOf(known)]) expect(deltaTo(claim, to)).toEqual(deltaTo(kept, to));
      for (const name of names) expect(claim.get(name as ResourceName)).toBe(said[name]);
      expect(claim.bytes).toBeLessThanOrEqual(Claim.of(kept).bytes);
      const left = claim.within(
        tableOf(
          Object.fromEntries([...claim.base].flatMap((r) => (wanted.includes(r.name) ? [[r.name, r.version]] : []))),
        ),
        (name) => wanted.includes(name),
      );
      const rest = keptOf(Object.fromEntries(Object.entries(said).filter(([name]) => wanted.includes(name))));
      expect(deltaTo(left, tableOf(next))).toEqual(deltaTo(rest, tableOf(next)));
    }),
    { numRuns: 2000 },
  );
});

test("who kept what is published claims nothing, and shares its deltas with all others", () => {
  const said = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`ns/${i}`, `version-${i}`]));
  const table = tableOf(said);
  const [one, other] = [Claim.of(keptOf(said)).against(table), Claim.of(keptOf(said)).against(table)];
  expect([one.bytes, one.differs.size]).toEqual([0, 0]);
  const next = tableOf({ ...said, "ns/7": "new" });
  expect(deltaTo(one, next)).toBe(deltaTo(other, next));
  expect(deltaTo(one, next).upserts).toMatchObject([{ name: "ns/7" }]);
});

test("what few have in common with a large content is remembered as it was said", () => {
  const large = tableOf(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`ns/${i}`, "1"])));
  const claim = Claim.of(keptOf({ "ns/1": "1", "ns/2": "1" }));
  expect(claim.against(large)).toBe(claim);
});
