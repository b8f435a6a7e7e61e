import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { wellKnown } from "./well-known.ts";

/**
 * Whether two generations of a field encode every value alike, the members of nested messages and the names of enum values
 * aside: those are compared where they are used.
 */
export function agrees(field: DescField, twin: DescField): boolean {
  return (
    field.number === twin.number &&
    field.fieldKind === twin.fieldKind &&
    field.scalar === twin.scalar &&
    field.presence === twin.presence &&
    field.oneof?.name === twin.oneof?.name &&
    shape(field) === shape(twin) &&
    (field.enum === undefined) === (twin.enum === undefined) &&
    sameForm(field.message, twin.message)
  );
}

function shape(field: DescField): string {
  if (field.fieldKind === "list") return `list of ${field.listKind}, ${field.packed ? "packed" : "one by one"}`;
  return field.fieldKind === "map" ? `map from ${field.mapKey} to ${field.mapKind}` : "single";
}

/** Messages renamed since still agree, but not with one that has a JSON form of its own; an `Any` may hold what differs. */
function sameForm(one: DescMessage | undefined, other: DescMessage | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.typeName === "google.protobuf.Any") return false;
  return one.typeName === other.typeName || !(hasOwnForm(one) || hasOwnForm(other));
}

function hasOwnForm(desc: DescMessage): boolean {
  return wellKnown.has(desc.typeName) || isWrapperDesc(desc) || desc.typeName === "google.protobuf.Any";
}
