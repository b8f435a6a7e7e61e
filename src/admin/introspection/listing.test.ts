import * as fc from "fast-check";
import { expect, test } from "vitest";

import { cutPage, listingOf, lowestIndex } from "./listing.ts";
import type { Entry } from "./listing.ts";
import { decodeToken, encodeToken } from "./token.ts";

function entries(keys: readonly string[]): Entry[] {
  return keys.map((key) => ({ key, show: () => key }));
}

const keysOf = (items: readonly Entry[]): string[] => items.map(({ key }) => key);

/** All pages of a list, one after the other, each a page of what `listAt` gives then. */
function walk(listAt: (page: number) => readonly string[], limit: number): string[][] {
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const page = cutPage(listingOf(entries(listAt(pages.length))), after, limit);
    pages.push(keysOf(page.items));
    after = page.next;
  } while (after !== undefined);
  return pages;
}

const keys = fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 80 });
const limits = fc.integer({ min: 1, max: 12 });

test("the pages of a list that stands still are the sorted list, cut up", () => {
  fc.assert(
    fc.property(keys, limits, (list, limit) => {
      const pages = walk(() => list, limit);
      expect(pages.flat()).toEqual([...list].sort((a, b) => (a < b ? -1 : 1)));
      expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    }),
  );
});

test("what is there all the while is told exactly once, whatever comes and goes between two pages", () => {
  fc.assert(
    fc.property(keys, fc.array(keys, { minLength: 1, maxLength: 4 }), limits, (lasting, passing, limit) => {
      const told = walk((page) => [...new Set([...lasting, ...passing[page % passing.length]!])], limit).flat();
      for (const key of lasting) expect(told.filter((other) => other === key)).toHaveLength(1);
      expect(new Set(told).size).toBe(told.length);
    }),
  );
});

test("a list knows how long it is, and a page that takes in the last entry is the last one", () => {
  const listing = listingOf(entries(["b", "a"]));
  expect(listing.count).toBe(2);
  expect(cutPage(listing, undefined, 2).next).toBeUndefined();
  expect(cutPage(listing, undefined, 1).next).toBe("a");
  expect(cutPage(listingOf([]), undefined, 2)).toEqual({ items: [], next: undefined });
});

test("the lowest index is the one that a walk from the start finds", () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(60), (count, border) => {
      expect(lowestIndex(count, (index) => index >= border)).toBe(Math.min(count, border));
    }),
  );
});

test("a token gives back the key it was made of, and a damaged one nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (key) => {
      expect(decodeToken(encodeToken(key))).toBe(key);
    }),
  );
  for (const token of ["!", "YQ==", "Y", "/+"]) expect(decodeToken(token)).toBeUndefined();
});
