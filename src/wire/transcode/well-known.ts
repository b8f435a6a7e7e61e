import { readDuration } from "./duration.ts";
import type { Encoding } from "./encoding.ts";
import { writeIntOrString, writeQuantity } from "./kubernetes.ts";
import type { ValueWriter } from "./plan.ts";
import { writeListValue, writeStruct, writeValue } from "./struct.ts";
import { type Instant, readTimestamp } from "./timestamp.ts";
import { DELIMITED, VARINT } from "./writer.ts";

/** Messages whose JSON form is not an object of their fields, apart from wrappers and `Any`. */
export const wellKnown: ReadonlyMap<string, ValueWriter> = new Map([
  ["google.protobuf.Duration", instantWriter(readDuration)],
  ["google.protobuf.Timestamp", instantWriter(readTimestamp)],
  ["google.protobuf.Struct", writeStruct],
  ["google.protobuf.Value", writeValue],
  ["google.protobuf.ListValue", writeListValue],
  ["google.protobuf.FieldMask", writeFieldMask],
  ["k8s.io.apimachinery.pkg.apis.meta.v1.Time", instantWriter(readTimestamp)],
  ["k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime", instantWriter(readTimestamp)],
  ["k8s.io.apimachinery.pkg.api.resource.Quantity", writeQuantity],
  ["k8s.io.apimachinery.pkg.util.intstr.IntOrString", writeIntOrString],
]);

/** Seconds and nanoseconds are fields 1 and 2 of every message that has them. */
function instantWriter(read: (out: Encoding, value: unknown) => Instant | undefined): ValueWriter {
  return (out, value) => {
    const instant = read(out, value);
    if (instant === undefined) return;
    if (instant.seconds !== 0) {
      out.bytes.tag(1, VARINT);
      out.bytes.int64(instant.seconds);
    }
    if (instant.nanos !== 0) {
      out.bytes.tag(2, VARINT);
      out.bytes.int32(instant.nanos);
    }
  };
}

function writeFieldMask(out: Encoding, value: unknown): void {
  if (typeof value !== "string") return out.wrongType("a text of comma-separated paths", value);
  if (value === "") return;
  const paths = value.split(",");
  out.visit(paths.length);
  for (const path of paths) {
    if (!/^[A-Za-z0-9.]+$/.test(path)) return out.badValue("must be comma-separated paths in camelCase");
    out.bytes.tag(1, DELIMITED);
    out.bytes.string(path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  }
}
