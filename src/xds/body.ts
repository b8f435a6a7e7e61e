import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { nested, readEntry, readFields } from "../wire/read.ts";

/** Parts of an encoded `mcp.Resource`. */
interface Parts {
  /** The encoded metadata; `undefined` when there is none. */
  metadata: Uint8Array | undefined;
  /** The encoded `google.protobuf.Any` of the body. */
  body: Uint8Array | undefined;
}

/** Takes a resource apart. @throws Error when the bytes are none */
export function partsOf(resource: Uint8Array): Readonly<Parts> {
  const parts: Parts = { metadata: undefined, body: undefined };
  const reader = new BinaryReader(resource);
  readFields(reader, (number, wire) => {
    if (wire !== WireType.LengthDelimited) return false;
    if (number === 1) parts.metadata = reader.bytes();
    else if (number === 2) parts.body = reader.bytes();
    else return false;
    return true;
  });
  return parts;
}

/** The name in encoded metadata. @throws Error when the bytes are none */
export function nameIn(metadata: Uint8Array): string {
  return readText(metadata, 1);
}

/** Takes an encoded `Any` apart. @throws Error when the bytes are none */
export function anyIn(body: Uint8Array): { readonly typeUrl: string; readonly value: Uint8Array } {
  let value: Uint8Array = new Uint8Array(0);
  const reader = new BinaryReader(body);
  readFields(reader, (number, wire) => {
    if (number !== 2 || wire !== WireType.LengthDelimited) return false;
    value = reader.bytes();
    return true;
  });
  return { typeUrl: readText(body, 1), value };
}

/** The value of one label or annotation of an encoded resource. */
export function textOf(resource: Uint8Array, where: "labels" | "annotations", key: string): string | undefined {
  const { metadata } = partsOf(resource);
  if (metadata === undefined) return undefined;
  const texts = new Map<string, string>();
  const reader = new BinaryReader(metadata);
  readFields(reader, (number, wire) => {
    if (number !== (where === "labels" ? 4 : 5) || wire !== WireType.LengthDelimited) return false;
    readEntry(nested(reader), texts);
    return true;
  });
  return texts.get(key);
}

function readText(message: Uint8Array, field: number): string {
  let text = "";
  const reader = new BinaryReader(message);
  readFields(reader, (number, wire) => {
    if (number !== field || wire !== WireType.LengthDelimited) return false;
    text = reader.string();
    return true;
  });
  return text;
}
