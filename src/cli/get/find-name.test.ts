import { expect, test } from "vitest";
import { findName } from "./find-name.ts";

const names = ["cart/web", "default", "ops/Dashboard", "shop/checkout", "shop/web", "shop/web2"];

test.each([
  ["shop/web", "shop/web"],
  ["default", "default"],
  ["checkout", "shop/checkout"],
  ["Dashboard", "ops/Dashboard"],
])("%s means %s", (word, name) => {
  expect(findName(word, names)).toEqual({ kind: "found", name });
});

test.each([
  ["web", "several", ["cart/web", "shop/web"]],
  ["ops/checkout", "none", ["shop/checkout"]],
  ["x/web", "none", ["cart/web", "shop/web"]],
  ["shop/chekcout", "none", ["shop/checkout"]],
  ["chekout", "none", ["shop/checkout"]],
  ["dashboard", "none", ["ops/Dashboard"]],
  ["something-else", "none", []],
  ["", "none", []],
])("%j means none for sure, and what is near is told", (word, kind, near) => {
  expect(findName(word, names)).toEqual({ kind, near });
});

test("no more is told than a person reads", () => {
  const many = Array.from({ length: 100 }, (_, i) => `ns-${i}/web`);
  expect(findName("web", many)).toMatchObject({ kind: "several", near: many.slice(0, 5) });
  expect(findName("web", [])).toEqual({ kind: "none", near: [] });
});
