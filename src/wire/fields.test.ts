import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesField, bytesFields, concat } from "./fields.ts";

test("a field around each of several is what the single fields are side by side", () => {
  const item = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(127, 128, 16_383, 16_384).map(ofLength));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 15 }), fc.array(item, { maxLength: 6 }), (number, items) => {
      const side = concat(items.flatMap((bytes) => bytesField(number, bytes)));
      expect(Buffer.compare(bytesFields(number, items), side)).toBe(0);
    }),
  );
});

function ofLength(length: number): Uint8Array {
  return new Uint8Array(length).fill(7);
}
