import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { nested, readEntry, readFields } from "../wire/read.ts";

/** The bytes of the body of an encoded `mcp.Resource`: a `google.protobuf.Any`. */
export function bodyOf(resource: Uint8Array): Uint8Array {
  const reader = new BinaryReader(resource);
  let body: Uint8Array = new Uint8Array(0);
  readFields(reader, (number, wire) => {
    if (number !== 2 || wire !== WireType.LengthDelimited) return false;
    body = reader.bytes();
    return true;
  });
  return body;
}

/** The value of one label or annotation of an encoded `mcp.Resource`. */
export function textOf(resource: Uint8Array, where: "labels" | "annotations", key: string): string | undefined {
  const number = where === "labels" ? 4 : 5;
  const texts = new Map<string, string>();
  const reader = new BinaryReader(resource);
  readFields(reader, (outer, wire) => {
    if (outer !== 1 || wire !== WireType.LengthDelimited) return false;
    const metadata = nested(reader);
    readFields(metadata, (inner, wire) => {
      if (inner !== number || wire !== WireType.LengthDelimited) return false;
      readEntry(nested(metadata), texts);
      return true;
    });
    return true;
  });
  return texts.get(key);
}
