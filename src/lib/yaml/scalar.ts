/** What a plain scalar can mean. An integer that a double can't hold exactly is its decimal text, as protobuf JSON has it. */
export type Scalar = string | number | boolean | null;

/**
 * The meaning of an unquoted scalar, by the rules of go-yaml v2 as Kubernetes applies them: YAML 1.1 booleans and octals,
 * underscores in numbers, timestamps left as text, no base 60.
 */
export function resolvePlain(text: string): Scalar {
  const word = words.get(text);
  if (word !== undefined) return word;
  switch (text.charCodeAt(0)) {
    case 43: // +
    case 45: // -
    case 46: // .
    case 48:
    case 49:
    case 50:
    case 51:
    case 52:
    case 53:
    case 54:
    case 55:
    case 56:
    case 57:
      return resolveInteger(text) ?? resolveFloat(text) ?? text;
    default:
      return text;
  }
}

/** A decimal, octal (`0644`, `0o644`), hexadecimal or binary integer of 64 bits; as text where a double can't hold it. */
export function resolveInteger(text: string): number | string | undefined {
  if (shortDecimal.test(text)) return Number(text) + 0; // + 0 makes -0 plain
  const digits = withoutUnderscores(text);
  const match = integer.exec(digits);
  if (match === null) return undefined;
  const [, sign, octal, hexadecimal, binary, decimal] = match;
  let value: bigint;
  if (decimal !== undefined) value = BigInt(decimal);
  else if (octal !== undefined) value = octal === "" ? 0n : BigInt(`0o${octal}`);
  else value = BigInt(hexadecimal === undefined ? `0b${binary}` : `0x${hexadecimal}`);
  if (sign === "-") value = -value;
  if (value < MIN_INT64 || value > (sign === "" ? MAX_UINT64 : MAX_INT64)) return undefined;
  const double = Number(value);
  return BigInt(double) === value ? double : value.toString();
}

/** A finite float: `.5`, `1.`, `1e3`, and what is too long for an integer. */
export function resolveFloat(text: string): number | undefined {
  // go-yaml strips underscores only where a digit or a sign leads.
  const digits = text.startsWith(".") ? text : withoutUnderscores(text);
  if (!float.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? value : undefined;
}

/** The text of a scalar used as a mapping key (`80: x` has the key "80"); `undefined` for null, which can't be one. */
export function keyText(value: Scalar): string | undefined {
  if (typeof value === "string") return value;
  if (value === null) return undefined;
  if (typeof value === "boolean") return value ? "true" : "false";
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

const shortDecimal = /^[-+]?(?:0|[1-9][0-9]{0,14})$/;
// Longer digit strings than 64 bits need are not worth a bigint: they are floats, or text.
const integer =
  /^([-+]?)(?:0(?:[oO](?=[0-7]))?([0-7]{0,30})|0[xX]([0-9a-fA-F]{1,30})|0[bB]([01]{1,80})|([1-9][0-9]{0,30}))$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function withoutUnderscores(text: string): string {
  return text.includes("_") ? text.replaceAll("_", "") : text;
}

const words: ReadonlyMap<string, boolean | number | null> = new Map<string, boolean | number | null>([
  ...spell(true, "y Y yes Yes YES true True TRUE on On ON"),
  ...spell(false, "n N no No NO false False FALSE off Off OFF"),
  ...spell(null, "~ null Null NULL"),
  ["", null],
  ...spell(Number.NaN, ".nan .NaN .NAN"),
  ...spell(Number.POSITIVE_INFINITY, ".inf .Inf .INF +.inf +.Inf +.INF"),
  ...spell(Number.NEGATIVE_INFINITY, "-.inf -.Inf -.INF"),
]);

function spell<T>(value: T, spellings: string): [string, T][] {
  return spellings.split(" ").map((spelling) => [spelling, value]);
}
