import type { Encoding } from "./encoding.ts";

/** Writes one value, or reports why it can't and writes nothing of use. */
export type ValueWriter = (out: Encoding, value: unknown) => void;

/** How one field of a message is found and written. */
export interface FieldPlan {
  readonly number: number;
  /** The camelCase name, which wins when both names are given. */
  readonly jsonName: string;
  /** Which oneof of the message the field belongs to, counted from 0; -1 for none. */
  readonly oneof: number;
  /** The proto3 rule is that null means absent. `value`: null is a value; `selects`: null chooses the empty message. */
  readonly onNull: "absent" | "value" | "selects";
  /** The message's members stand in the object around it instead of an object of their own (Kubernetes). */
  readonly inline: boolean;
  /** The other API generation lacks the field, or encodes it in another way whatever its value. */
  readonly diverges: boolean;
  /** Writes tag and value. */
  readonly write: ValueWriter;
}

/** How a message is written. */
export interface MessagePlan {
  readonly typeName: string;
  /** Writes the content of the message, without tag and length. */
  readonly write: ValueWriter;
  /** Null is a value of this message: true for `google.protobuf.Value` alone. */
  readonly takesNull: boolean;
  /** The message has a JSON form of its own, so in an `Any` it stands under the key `value`. */
  readonly special: boolean;
  /** Fields by either of their names; empty for a message with a JSON form of its own. */
  readonly byKey: ReadonlyMap<string, FieldPlan>;
  /** There is another API generation to compare with. */
  readonly paired: boolean;
}
