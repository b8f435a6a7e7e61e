import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { damageIn, decodeDamaged } from "./damage.ts";

/** Bytes that are often nearly UTF-8: characters, parts of some, and what must not be there. */
const nearlyUtf8 = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }).map((text) => Buffer.from(text, "utf8")),
      fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom([0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80], [0xf4, 0x90, 0x80, 0x80]),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part))));

describe("text of damaged bytes", () => {
  it("is what UTF-8 has in it where that is valid", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(text, (given) => {
        expect(decodeDamaged(Buffer.from(given))).toBe(given);
      }),
    );
  });

  it("is damaged just when the bytes are, and loses none of them", () => {
    fc.assert(
      fc.property(nearlyUtf8, (bytes) => {
        const text = decodeDamaged(bytes);
        expect(damageIn(text.replaceAll("\0", "")) === undefined).toBe(isUtf8(bytes));
        const back = Array.from(text, (character) => {
          const stray = /\p{Surrogate}/u.test(character);
          return stray ? Buffer.from([character.charCodeAt(0) - 0xdc00]) : Buffer.from(character);
        });
        expect(Buffer.concat(back)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("damage", () => {
  it("is found at its place, not at the half of a pair", () => {
    const text = decodeDamaged(Buffer.concat([Buffer.from("é😀b"), Buffer.from([0xe9]), Buffer.from("\0")]));
    expect(damageIn(text)).toMatchObject({ code: "not-text", offset: 4, message: expect.stringContaining("0xe9") });
    expect(damageIn("😀\0")).toMatchObject({ offset: 2, message: expect.stringContaining("a NUL") });
    expect(damageIn("é😀\ufffd")).toBeUndefined();
  });
});
