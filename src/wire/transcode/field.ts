import type { DescField } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { enumOf } from "./enum.ts";
import { mapWriter } from "./map.ts";
import type { MessagePlan, ValueWriter } from "./plan.ts";
import { type Scalar, scalarOf } from "./scalar.ts";
import { DELIMITED } from "./writer.ts";

/** Writes one field, tag and all. `twin` is the same field of the other API generation, `nested` the plan of its message. */
export function fieldWriter(
  field: DescField,
  twin: DescField | undefined,
  nested: MessagePlan | undefined,
): ValueWriter {
  const scalar = scalarFor(field, twin);
  switch (field.fieldKind) {
    case "scalar":
    case "enum":
      return scalarWriter(field.number, scalar!, field.presence === FeatureSet_FieldPresence.IMPLICIT);
    case "message":
      return messageWriter(field.number, nested!);
    case "list":
      if (nested !== undefined) return messageListWriter(field.number, nested);
      return field.packed ? packedWriter(field.number, scalar!) : scalarListWriter(field.number, scalar!);
    case "map":
      return mapWriter(field.number, field.mapKey, scalar, nested);
  }
}

function scalarFor(field: DescField, twin: DescField | undefined): Scalar | undefined {
  if (field.enum !== undefined) return enumOf(field.enum, twin?.enum);
  return field.scalar === undefined ? undefined : scalarOf(field.scalar);
}

function scalarWriter(number: number, scalar: Scalar, omitDefault: boolean): ValueWriter {
  return (out, value) => {
    const read = scalar.read(out, value);
    if (read === undefined || (omitDefault && scalar.isDefault(read))) return;
    out.bytes.tag(number, scalar.wireType);
    scalar.put(out.bytes, read, out);
  };
}

function messageWriter(number: number, nested: MessagePlan): ValueWriter {
  return (out, value) => {
    out.bytes.tag(number, DELIMITED);
    const start = out.bytes.begin();
    nested.write(out, value);
    out.bytes.end(start);
  };
}

function messageListWriter(number: number, nested: MessagePlan): ValueWriter {
  return eachItem((out, item) => {
    if (item === null && !nested.takesNull) return out.wrongType("an object", item, emptyItem);
    out.bytes.tag(number, DELIMITED);
    const start = out.bytes.begin();
    nested.write(out, item);
    out.bytes.end(start);
  });
}

function scalarListWriter(number: number, scalar: Scalar): ValueWriter {
  return eachItem((out, item) => {
    const read = scalar.read(out, item);
    if (read === undefined) return;
    out.bytes.tag(number, scalar.wireType);
    scalar.put(out.bytes, read, out);
  });
}

function packedWriter(number: number, scalar: Scalar): ValueWriter {
  const writeItems = eachItem((out, item) => {
    const read = scalar.read(out, item);
    if (read !== undefined) scalar.put(out.bytes, read, out);
  });
  return (out, value) => {
    if (Array.isArray(value) && value.length === 0) return;
    out.bytes.tag(number, DELIMITED);
    const start = out.bytes.begin();
    writeItems(out, value);
    out.bytes.end(start);
  };
}

const emptyItem = "remove the empty list item";

function eachItem(write: ValueWriter): ValueWriter {
  return (out, value) => {
    if (!Array.isArray(value)) return out.wrongType("a list", value);
    out.visit(value.length);
    for (let i = 0; i < value.length; i++) {
      out.enter(i);
      write(out, value[i]);
      out.leave();
    }
  };
}
