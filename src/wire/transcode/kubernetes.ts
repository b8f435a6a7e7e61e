import type { DescField } from "@bufbuild/protobuf";
import type { Encoding } from "./encoding.ts";
import { readInteger } from "./number.ts";
import { DELIMITED, VARINT } from "./writer.ts";

// An integer, a decimal fraction or a power, with an SI or binary suffix: `100m`, `1.5Gi`, `2e3`.
const quantity = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;
const longestQuantity = 100;

/** An amount of a resource: a text on the wire, a text or a number in JSON. */
export function writeQuantity(out: Encoding, value: unknown): void {
  if (typeof value !== "string" && typeof value !== "number") return out.wrongType('a quantity, such as "500m"', value);
  const text = String(value);
  if (text.length > longestQuantity || !quantity.test(text)) return out.badValue('must be a quantity, such as "500m"');
  out.bytes.tag(1, DELIMITED);
  out.bytes.string(text);
}

/** A number or a text; `type` says which, and as Go does, neither is left out when it is zero. */
export function writeIntOrString(out: Encoding, value: unknown): void {
  const { bytes } = out;
  if (typeof value === "string") {
    bytes.tag(1, VARINT);
    bytes.byte(1);
    bytes.tag(3, DELIMITED);
    out.text(value);
    return;
  }
  if (typeof value !== "number") return out.wrongType("a number or a text", value);
  const number = readInteger(out, value, -0x80000000, 0x7fffffff);
  if (number === undefined) return;
  bytes.tag(1, VARINT);
  bytes.byte(0);
  bytes.tag(2, VARINT);
  bytes.int32(number);
}

// Go structs embed these, so in JSON their members stand one level higher than in protobuf.
const inlined = new Set(["localObjectReference", "volumeSource", "handler", "ingressRuleValue"]);

/** Whether the members of this message field stand in the object around it. */
export function isInlined(field: DescField): boolean {
  return field.fieldKind === "message" && field.parent.typeName.startsWith("k8s.io.") && inlined.has(field.name);
}
