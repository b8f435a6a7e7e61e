import * as fc from "fast-check";
import { expect, test } from "vitest";

import { BoundedFamily, OVERFLOW_LABEL } from "./family.ts";
import { Cell } from "./instruments.ts";

function familyOf(limit: number): BoundedFamily<Cell> {
  return new BoundedFamily<Cell>({
    labels: ["collection", "code"],
    fixed: { component: "galley" },
    limit,
    bound: (_label, value) => value,
    create: (labels) => new Cell(labels),
  });
}

test("the same label values always give the same instrument", () => {
  const family = familyOf(4);
  expect(family.with("a", "b")).toBe(family.with("a", "b"));
  expect(family.with("a", "b")).not.toBe(family.with("b", "a"));
});

test("an instrument knows the labels it stands for, the fixed ones included", () => {
  expect(familyOf(4).with("a", "b").labels).toEqual({ component: "galley", collection: "a", code: "b" });
});

test("what finds no room is counted together, with every label `other`", () => {
  const family = familyOf(1);
  family.with("a", "b").inc();
  family.with("c", "d").inc();
  family.with("e", "f").inc();
  expect([...family.all()].map(({ labels, value }) => [labels["collection"], value])).toEqual([
    ["a", 1],
    [OVERFLOW_LABEL, 2],
  ]);
});

test("whatever is counted, nothing is lost and the label sets stay within the limit", () => {
  const label = fc.string({ maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(label, label), { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (calls, limit) => {
      const family = familyOf(limit);
      for (const [collection, code] of calls) family.with(collection, code).inc();
      const cells = [...family.all()];
      expect(cells.length).toBeLessThanOrEqual(limit + 1);
      expect(cells.reduce((sum, cell) => sum + cell.value, 0)).toBe(calls.length);
    }),
  );
});

test("a counter refuses to go down, or by what is no number", () => {
  const cell = new Cell({});
  expect(() => cell.inc(-1)).toThrow(RangeError);
  expect(() => cell.inc(Number.NaN)).toThrow(RangeError);
  expect(cell.value).toBe(0);
});
