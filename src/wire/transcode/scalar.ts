import { ScalarType } from "@bufbuild/protobuf";
import type { Encoding } from "./encoding.ts";
import { readBytes } from "./base64.ts";
import { readDouble, readFloat, readInteger, readLong } from "./number.ts";
import { DELIMITED, FIXED32, FIXED64, VARINT, type Writer } from "./writer.ts";

/** How values of one scalar type are read from JSON and written. */
export interface Scalar<T = unknown> {
  readonly wireType: number;
  /** The value meant, or `undefined` after reporting why there is none. */
  read(out: Encoding, value: unknown): T | undefined;
  put(bytes: Writer, value: T, out: Encoding): void;
  /** The value that proto3 leaves out where absence can't be told from it. */
  isDefault(value: T): boolean;
}

/** The codec of a scalar type; strict as Go's jsonpb is: a number is no string, and the text "true" is no bool. */
export function scalarOf(type: ScalarType): Scalar {
  return scalars[type] as Scalar;
}

const isZero = (value: number | bigint): boolean => value === 0 || value === 0n;

function integer(lowest: number, highest: number, wireType: number, put: (bytes: Writer, value: number) => void) {
  const read = (out: Encoding, value: unknown): number | undefined => readInteger(out, value, lowest, highest);
  return { wireType, read, put, isDefault: isZero } satisfies Scalar<number>;
}

type Long = number | bigint;

function long(lowest: bigint, highest: bigint, wireType: number, put: (bytes: Writer, value: Long) => void) {
  const read = (out: Encoding, value: unknown): Long | undefined => readLong(out, value, lowest, highest);
  return { wireType, read, put, isDefault: isZero } satisfies Scalar<Long>;
}

const text: Scalar<string> = {
  wireType: DELIMITED,
  read: (out, value) =>
    typeof value === "string"
      ? value
      : out.wrongType(
          "a text",
          value,
          typeof value === "number" || typeof value === "boolean" ? "put it in quotes" : "",
        ),
  put: (_, value, out) => out.text(value),
  isDefault: (value) => value === "",
};

const bool: Scalar<boolean> = {
  wireType: VARINT,
  read: (out, value) => (typeof value === "boolean" ? value : out.wrongType("true or false", value)),
  put: (bytes, value) => bytes.byte(value ? 1 : 0),
  isDefault: (value) => !value,
};

const int32 = { lowest: -0x80000000, highest: 0x7fffffff };
const int64 = { lowest: -(2n ** 63n), highest: 2n ** 63n - 1n };
const zigZag32 = (value: number): number => (value << 1) ^ (value >> 31);
const zigZag64 = (value: Long): bigint => (BigInt(value) << 1n) ^ (BigInt(value) >> 63n);

const scalars: Readonly<Record<ScalarType, unknown>> = {
  [ScalarType.STRING]: text,
  [ScalarType.BOOL]: bool,
  [ScalarType.BYTES]: {
    wireType: DELIMITED,
    read: readBytes,
    put: (bytes, value) => bytes.bytes(value),
    isDefault: (value) => value.length === 0,
  } satisfies Scalar<Uint8Array>,
  [ScalarType.DOUBLE]: {
    wireType: FIXED64,
    read: readDouble,
    put: (bytes, value) => bytes.double(value),
    isDefault: (value) => value === 0,
  } satisfies Scalar<number>,
  [ScalarType.FLOAT]: {
    wireType: FIXED32,
    read: readFloat,
    put: (bytes, value) => bytes.float(value),
    isDefault: (value) => value === 0,
  } satisfies Scalar<number>,
  [ScalarType.INT32]: integer(int32.lowest, int32.highest, VARINT, (bytes, value) => bytes.int32(value)),
  [ScalarType.UINT32]: integer(0, 0xffffffff, VARINT, (bytes, value) => bytes.uint32(value)),
  [ScalarType.SINT32]: integer(int32.lowest, int32.highest, VARINT, (bytes, value) => bytes.uint32(zigZag32(value))),
  [ScalarType.FIXED32]: integer(0, 0xffffffff, FIXED32, (bytes, value) => bytes.fixed32(value)),
  [ScalarType.SFIXED32]: integer(int32.lowest, int32.highest, FIXED32, (bytes, value) => bytes.fixed32(value)),
  [ScalarType.INT64]: long(int64.lowest, int64.highest, VARINT, (bytes, value) => bytes.int64(value)),
  [ScalarType.UINT64]: long(0n, 2n ** 64n - 1n, VARINT, (bytes, value) => bytes.int64(value)),
  [ScalarType.SINT64]: long(int64.lowest, int64.highest, VARINT, (bytes, value) => bytes.int64(zigZag64(value))),
  [ScalarType.FIXED64]: long(0n, 2n ** 64n - 1n, FIXED64, (bytes, value) => bytes.fixed64(value)),
  [ScalarType.SFIXED64]: long(int64.lowest, int64.highest, FIXED64, (bytes, value) => bytes.fixed64(value)),
};
