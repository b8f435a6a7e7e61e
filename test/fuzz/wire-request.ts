import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import fc from "fast-check";

/** Writes one field of a message. */
type Field = (writer: BinaryWriter) => void;

// A byte order mark is dropped and "__proto__" lost by the library that is the oracle here.
const text = fc.string({ unit: "grapheme", maxLength: 8 }).filter((s) => !s.startsWith("\ufeff") && s !== "__proto__");

function string(number: number): fc.Arbitrary<Field> {
  return text.map((value) => (writer) => void writer.tag(number, WireType.LengthDelimited).string(value));
}

function message(number: number, fields: fc.Arbitrary<Field[]>): fc.Arbitrary<Field> {
  return fields.map((list) => (writer) => {
    writer.tag(number, WireType.LengthDelimited).fork();
    for (const field of list) field(writer);
    writer.join();
  });
}

/** An entry of a map: key and value in any order, either missing, or said twice. */
function entry(number: number): fc.Arbitrary<Field> {
  return message(number, fc.array(fc.oneof(string(1), string(2)), { maxLength: 3 }));
}

/** A field that the message does not have, of any type. */
function unknown(lowest: number): fc.Arbitrary<Field> {
  const number = fc.oneof(fc.integer({ min: lowest, max: lowest + 20 }), fc.constant(536_870_911));
  const value: fc.Arbitrary<(writer: BinaryWriter, number: number) => void> = fc.oneof(
    fc.maxSafeInteger().map((n) => (writer: BinaryWriter, no: number) => void writer.tag(no, WireType.Varint).int64(n)),
    fc.integer().map((n) => (writer: BinaryWriter, no: number) => void writer.tag(no, WireType.Bit32).sfixed32(n)),
    fc
      .maxSafeInteger()
      .map((n) => (writer: BinaryWriter, no: number) => void writer.tag(no, WireType.Bit64).sfixed64(n)),
    fc
      .uint8Array({ maxLength: 5 })
      .map((b) => (writer: BinaryWriter, no: number) => void writer.tag(no, WireType.LengthDelimited).bytes(b)),
    fc.nat(20).map((depth) => (writer: BinaryWriter, no: number) => group(writer, no, depth)),
  );
  return fc.tuple(number, value).map(
    ([no, write]) =>
      (writer) =>
        write(writer, no),
  );
}

function group(writer: BinaryWriter, number: number, depth: number): void {
  writer.tag(number, WireType.StartGroup);
  if (depth > 0) group(writer, number, depth - 1);
  writer.tag(number, WireType.EndGroup);
}

const node = message(1, fc.array(fc.oneof(string(1), entry(2), unknown(3)), { maxLength: 4 }));
const code: fc.Arbitrary<Field> = fc
  .integer()
  .map((value) => (writer) => void writer.tag(1, WireType.Varint).int32(value));
const details = message(3, fc.array(string(1), { maxLength: 2 }));
const status = message(5, fc.array(fc.oneof(code, string(2), details, unknown(4)), { maxLength: 4 }));
const incremental: fc.Arbitrary<Field> = fc
  .constantFrom(0, 1, 2, 2 ** 40)
  .map((value) => (writer) => void writer.tag(6, WireType.Varint).int64(value));

/**
 * The bytes of any `RequestResources` that the encoding allows: fields in any order, said twice or not at all, unknown ones
 * between them, nested messages in pieces.
 */
export const wireRequest: fc.Arbitrary<Uint8Array> = fc
  .array(fc.oneof(node, string(2), entry(3), string(4), status, incremental, unknown(7)), { maxLength: 10 })
  .map((fields) => {
    const writer = new BinaryWriter();
    for (const field of fields) field(writer);
    return writer.finish();
  });
