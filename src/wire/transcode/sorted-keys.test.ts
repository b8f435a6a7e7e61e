import fc from "fast-check";
import { expect, test } from "vitest";
import { sortedKeys } from "./sorted-keys.ts";

test("few keys and many come in the order that the engine's sort gives", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.oneof(fc.string(), fc.nat(30).map(String)), fc.constant(1), { maxKeys: 25 }),
      (object) => {
        expect(sortedKeys(object)).toEqual(Object.keys(object).sort());
      },
    ),
  );
});
