import type { Encoding } from "./encoding.ts";

// A number as JSON writes it; integers may come as `1.0` or `1e3`, as from YAML.
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const plainInteger = /^-?\d{1,20}$/;
const longestNumber = 400;
const largestFloat = 3.4028234663852886e38;

/** An integer of at most 32 bits, from a number or a quoted number. */
export function readInteger(out: Encoding, value: unknown, lowest: number, highest: number): number | undefined {
  const number = typeof value === "string" ? parse(value) : value;
  if (typeof number !== "number") return out.wrongType("a whole number", value);
  if (!Number.isInteger(number)) return out.badValue(`must be a whole number, not ${number}`);
  if (number < lowest || number > highest) return outOfRange(out, number, lowest, highest);
  return number === 0 ? 0 : number;
}

/** An integer of 64 bits, from a number or, beyond 2^53 of necessity, a quoted number. */
export function readLong(out: Encoding, value: unknown, lowest: bigint, highest: bigint): number | bigint | undefined {
  if (typeof value === "string" && plainInteger.test(value)) {
    const exact = BigInt(value);
    return exact < lowest || exact > highest ? outOfRange(out, exact, lowest, highest) : exact;
  }
  const number = typeof value === "string" ? parse(value) : value;
  if (typeof number !== "number") return out.wrongType("a whole number", value);
  if (!Number.isInteger(number)) return out.badValue(`must be a whole number, not ${number}`);
  if (number < lowest || number > highest) return outOfRange(out, number, lowest, highest);
  if (!Number.isSafeInteger(number)) return out.badValue("loses digits as a number this large; put it in quotes");
  return number === 0 ? 0 : number;
}

export function readDouble(out: Encoding, value: unknown): number | undefined {
  if (typeof value === "number") {
    return Number.isFinite(value) ? value : out.badValue(`must be finite; quote it if "${value}" is meant`);
  }
  if (value === "NaN") return Number.NaN;
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  if (value === "-Infinity") return Number.NEGATIVE_INFINITY;
  const number = typeof value === "string" ? parse(value) : undefined;
  if (number === undefined) return out.wrongType("a number", value);
  return Number.isFinite(number) ? number : out.badValue("is beyond the range of a 64-bit float");
}

export function readFloat(out: Encoding, value: unknown): number | undefined {
  const number = readDouble(out, value);
  if (number === undefined || !Number.isFinite(number) || Math.abs(number) <= largestFloat) return number;
  return out.badValue("is beyond the range of a 32-bit float");
}

function parse(text: string): number | undefined {
  return text.length <= longestNumber && jsonNumber.test(text) ? Number(text) : undefined;
}

function outOfRange(
  out: Encoding,
  value: number | bigint,
  lowest: number | bigint,
  highest: number | bigint,
): undefined {
  return out.badValue(`must be between ${lowest} and ${highest}, not ${value}`);
}
