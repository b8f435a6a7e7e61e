import { isPlainObject } from "./describe.ts";
import type { Encoding } from "./encoding.ts";
import { sortedKeys } from "./sorted-keys.ts";
import { DELIMITED, FIXED64, VARINT } from "./writer.ts";

/** The content of a `google.protobuf.Struct`: any object of JSON, its keys sorted. */
export function writeStruct(out: Encoding, value: unknown): void {
  if (!isPlainObject(value)) return out.wrongType("an object", value);
  out.descend();
  const keys = sortedKeys(value);
  out.visit(keys.length + 1);
  for (const key of keys) {
    const entry = value[key];
    if (entry === undefined) continue;
    out.enter(key);
    out.bytes.tag(1, DELIMITED);
    const start = out.bytes.begin();
    out.bytes.tag(1, DELIMITED);
    out.text(key);
    out.bytes.tag(2, DELIMITED);
    const content = out.bytes.begin();
    writeValue(out, entry);
    out.bytes.end(content);
    out.bytes.end(start);
    out.leave();
  }
  out.ascend();
}

/** The content of a `google.protobuf.ListValue`. */
export function writeListValue(out: Encoding, value: unknown): void {
  if (!Array.isArray(value)) return out.wrongType("a list", value);
  out.descend();
  out.visit(value.length + 1);
  for (let i = 0; i < value.length; i++) {
    out.enter(i);
    out.bytes.tag(1, DELIMITED);
    const start = out.bytes.begin();
    writeValue(out, value[i]);
    out.bytes.end(start);
    out.leave();
  }
  out.ascend();
}

/** The content of a `google.protobuf.Value`: any JSON. */
export function writeValue(out: Encoding, value: unknown): void {
  const { bytes } = out;
  if (typeof value === "string") {
    bytes.tag(3, DELIMITED);
    out.text(value);
  } else if (typeof value === "number") {
    if (!Number.isFinite(value)) return out.badValue(`must be finite; quote it if "${value}" is meant`);
    bytes.tag(2, FIXED64);
    bytes.double(value);
  } else if (typeof value === "boolean") {
    bytes.tag(4, VARINT);
    bytes.byte(value ? 1 : 0);
  } else if (value === null) {
    bytes.tag(1, VARINT);
    bytes.byte(0);
  } else writeNested(out, value);
}

function writeNested(out: Encoding, value: unknown): void {
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) {
    out.wrongType("JSON", value, value instanceof Date ? "put it in quotes" : "");
    return;
  }
  out.bytes.tag(isList ? 6 : 5, DELIMITED);
  const start = out.bytes.begin();
  if (isList) writeListValue(out, value);
  else writeStruct(out, value);
  out.bytes.end(start);
}
