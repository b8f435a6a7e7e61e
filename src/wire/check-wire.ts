import { isUtf8 } from "node:buffer";
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** How deep messages may nest; what `fromBinary` allows. */
const MAX_DEPTH = 100;

/**
 * Finds out whether bytes decode as a message, without building it: several times faster than to decode and throw away.
 * Messages with groups are not supported; Istio's APIs have none.
 * @throws Error exactly when `fromBinary` would.
 */
export function checkWire(desc: DescMessage, bytes: Uint8Array): void {
  const reader = new BinaryReader(bytes);
  checkMessage(desc, reader, reader.len, 1);
}

function checkMessage(desc: DescMessage, reader: BinaryReader, length: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error(`messages nest deeper than ${MAX_DEPTH}`);
  const end = reader.pos + length;
  const fields = fieldsOf(desc);
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    const field = fields.get(number);
    if (field === undefined) reader.skip(wire, number, MAX_DEPTH - depth);
    else checkField(field, reader, wire, depth);
  }
}

function checkField(field: DescField, reader: BinaryReader, wire: WireType, depth: number): void {
  switch (field.fieldKind) {
    case "scalar":
      checkScalar(field.scalar, field, reader);
      return;
    case "enum":
      reader.uint32();
      return;
    case "message":
      checkMessage(field.message, reader, reader.uint32(), depth + 1);
      return;
    case "list":
      checkList(field, reader, wire, depth);
      return;
    case "map":
      checkEntry(field, reader, depth);
      return;
  }
}

function checkList(
  field: DescField & { fieldKind: "list" },
  reader: BinaryReader,
  wire: WireType,
  depth: number,
): void {
  if (field.listKind === "message") {
    checkMessage(field.message, reader, reader.uint32(), depth + 1);
    return;
  }
  const scalar = field.listKind === "scalar" ? field.scalar : ScalarType.INT32;
  const isPacked = wire === WireType.LengthDelimited && scalar !== ScalarType.STRING && scalar !== ScalarType.BYTES;
  if (!isPacked) {
    checkScalar(scalar, field, reader);
    return;
  }
  const length = reader.uint32();
  const end = reader.pos + length;
  while (reader.pos < end) checkScalar(scalar, field, reader);
}

function checkEntry(field: DescField & { fieldKind: "map" }, reader: BinaryReader, depth: number): void {
  const length = reader.uint32();
  const end = reader.pos + length;
  while (reader.pos < end) {
    const [number] = reader.tag();
    if (number === 1) checkScalar(field.mapKey, field, reader);
    else if (number !== 2) continue; // the library doesn't skip what it doesn't know here, so neither does this
    else if (field.mapKind === "message") checkMessage(field.message, reader, reader.uint32(), depth + 1);
    else checkScalar(field.mapKind === "scalar" ? field.scalar : ScalarType.INT32, field, reader);
  }
}

function checkScalar(type: ScalarType, { utf8Validation }: DescField, reader: BinaryReader): void {
  switch (type) {
    case ScalarType.STRING: {
      const bytes = reader.bytes();
      if (utf8Validation && !isUtf8(bytes)) throw new Error("a string is not UTF-8");
      return;
    }
    case ScalarType.BYTES:
      reader.bytes();
      return;
    case ScalarType.INT32:
    case ScalarType.UINT32:
    case ScalarType.SINT32:
      reader.uint32();
      return;
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
    case ScalarType.FLOAT:
      reader.fixed32();
      return;
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.DOUBLE:
      reader.double();
      return;
    case ScalarType.BOOL:
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
      reader.bool(); // any 64-bit varint, without the cost of a bigint
      return;
  }
}

const known = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(desc: DescMessage): ReadonlyMap<number, DescField> {
  let fields = known.get(desc);
  if (fields === undefined) known.set(desc, (fields = new Map(desc.fields.map((field) => [field.number, field]))));
  return fields;
}
