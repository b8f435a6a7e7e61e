import type { ScalarType } from "@bufbuild/protobuf";
import { isPlainObject } from "./describe.ts";
import { mapKeyOf } from "./map-key.ts";
import type { MessagePlan, ValueWriter } from "./plan.ts";
import type { Scalar } from "./scalar.ts";
import { sortedKeys } from "./sorted-keys.ts";
import { DELIMITED } from "./writer.ts";

/** Entries in the order of their keys, so that equal maps give equal bytes; key and value are always written. */
export function mapWriter(
  number: number,
  keyType: ScalarType,
  scalar: Scalar | undefined,
  nested: MessagePlan | undefined,
): ValueWriter {
  const key = mapKeyOf(keyType);
  const writeContent = scalar === undefined ? messageEntry(nested!) : scalarEntry(scalar);
  return (out, value) => {
    if (!isPlainObject(value)) return out.wrongType("an object", value);
    const keys = sortedKeys(value);
    out.visit(keys.length);
    for (const name of keys) {
      out.enter(name);
      out.bytes.tag(number, DELIMITED);
      const start = out.bytes.begin();
      key(out, name);
      writeContent(out, value[name]);
      out.bytes.end(start);
      out.leave();
    }
  };
}

function scalarEntry(scalar: Scalar): ValueWriter {
  return (out, value) => {
    const read = scalar.read(out, value);
    if (read === undefined) return;
    out.bytes.tag(2, scalar.wireType);
    scalar.put(out.bytes, read, out);
  };
}

function messageEntry(nested: MessagePlan): ValueWriter {
  return (out, value) => {
    if (value === null && !nested.takesNull) return out.wrongType("an object", value);
    out.bytes.tag(2, DELIMITED);
    const start = out.bytes.begin();
    nested.write(out, value);
    out.bytes.end(start);
  };
}
