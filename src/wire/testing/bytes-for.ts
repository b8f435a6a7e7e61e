import type { DescMessage } from "@bufbuild/protobuf";
import fc from "fast-check";

/**
 * Bytes that look like a message of a kind: mostly its own field numbers with wire types that mostly fit, and contents that
 * are bytes of anything, texts, or more of the same.
 */
export function bytesFor(desc: DescMessage, depth = 0): fc.Arbitrary<Uint8Array> {
  if (desc.fields.length === 0 || depth > 3) return fc.uint8Array({ maxLength: 6 });
  const one = fc.constantFrom(...desc.fields).chain((field) => {
    const nested = "message" in field && field.message !== undefined ? [bytesFor(field.message, depth + 1)] : [];
    const text = fc.string({ maxLength: 8, unit: "grapheme" }).map((value) => new TextEncoder().encode(value));
    const content = fc.oneof(...nested, text, fc.uint8Array({ maxLength: 10 }));
    const varint = fc.oneof(fc.nat(300), fc.nat()).map((value) => encodeVarint(value));
    const delimited = fc
      .tuple(content, fc.constantFrom(0, 0, 0, 0, 0, 1))
      .map(([bytes, off]) => [...encodeVarint(bytes.length + off), ...bytes]);
    return fc.oneof(
      delimited.map((bytes) => [...encodeVarint((field.number << 3) | 2), ...bytes]),
      varint.map((bytes) => [...encodeVarint(field.number << 3), ...bytes]),
      fc
        .uint8Array({ minLength: 8, maxLength: 8 })
        .map((bytes) => [...encodeVarint((field.number << 3) | 1), ...bytes]),
      fc
        .uint8Array({ minLength: 4, maxLength: 4 })
        .map((bytes) => [...encodeVarint((field.number << 3) | 5), ...bytes]),
    );
  });
  return fc.array(one, { maxLength: 3 }).map((fields) => Uint8Array.from(fields.flat()));
}

function encodeVarint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
