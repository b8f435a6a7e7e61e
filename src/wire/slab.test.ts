import fc from "fast-check";
import { expect, test } from "vitest";
import { Slab, exactCopies } from "./slab.ts";

test("every copy keeps its content, whatever is copied after it and whatever becomes of the source", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20_000), { maxLength: 40 }), fc.boolean(), (sizes, exact) => {
      const store = exact ? exactCopies : new Slab();
      const source = new Uint8Array(20_000);
      const copies = sizes.map((size, i) => {
        source.fill(i + 1, 0, size);
        return store.copy(source.subarray(0, size));
      });
      copies.forEach((copy, i) => {
        expect(copy.length).toBe(sizes[i]);
        expect(copy.every((byte) => byte === i + 1)).toBe(true);
      });
    }),
  );
});

test("small copies share blocks, and large ones don't hold a block up", () => {
  const slab = new Slab();
  const small = Array.from({ length: 100 }, () => slab.copy(new Uint8Array(500)));
  expect(new Set(small.map((copy) => copy.buffer)).size).toBe(1);
  expect(slab.copy(new Uint8Array(50_000)).buffer.byteLength).toBe(50_000);
});
