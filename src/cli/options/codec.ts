import { type Address, formatAddress, parseAddress } from "../../grpc/address.ts";
import { formatLevels, parseLevels } from "../log/levels.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import type { OptionKind, OptionSpec, ValueTypes } from "./option.ts";

/** A reading of a value, or why it can't be read: a phrase that follows the flag's name and a colon. */
export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly reason: string };

interface Codec<Value> {
  /** What the value is called in help. */
  readonly metavar: string;
  /** What the flag means without a value; kinds that lack it need one. */
  readonly bare?: string;
  parse(text: string, spec: OptionSpec): Decoded<Value>;
  format(value: Value): string;
}

const mostListItems = 10_000;
// A timer of Node set further ahead than 2^31 - 1 ms fires at once.
const longestDurationMs = 24 * 24 * 3_600_000;

const plainText: Codec<string> = {
  metavar: "TEXT",
  parse: (text) => (/\p{Cc}/u.test(text) ? refuse("expected text without control characters") : accept(text)),
  format: (value) => value,
};

const wholeNumber: Codec<number> = {
  metavar: "N",
  parse: (text, spec) => parseInteger(text, spec.min ?? 0, spec.max ?? Number.MAX_SAFE_INTEGER),
  format: String,
};

const codecs: { readonly [Kind in OptionKind]: Codec<ValueTypes[Kind]> } = {
  text: plainText,
  file: { ...plainText, metavar: "FILE" },
  folder: { ...plainText, metavar: "DIR" },
  choice: {
    ...plainText,
    metavar: "WORD",
    parse: (text, { choices = [] }) =>
      choices.includes(text) ? accept(text) : refuse(`expected ${either(choices.filter((word) => word !== ""))}`),
  },
  switch: {
    metavar: "BOOL",
    bare: "true",
    parse: (text) => parseSwitch(text) ?? refuse("expected true or false"),
    format: String,
  },
  autoswitch: {
    metavar: "BOOL",
    bare: "true",
    parse: (text) => (text === "auto" ? accept(text) : (parseSwitch(text) ?? refuse("expected true, false or auto"))),
    format: String,
  },
  int: wholeNumber,
  port: { ...wholeNumber, metavar: "PORT", parse: (text) => parseInteger(text, 0, 65_535) },
  bytes: { ...wholeNumber, metavar: "BYTES", parse: parseBytes },
  duration: { metavar: "TIME", parse: parseTime, format: formatDuration },
  address: {
    metavar: "ADDRESS",
    parse: parseListenAddress,
    format: formatAddress,
  },
  levels: { metavar: "LEVELS", parse: parseLevels, format: formatLevels },
  list: {
    metavar: "LIST",
    parse: (text) => parseList(text),
    format: (value) => value.join(","),
  },
  texts: {
    metavar: "TEXT",
    parse: (text, spec) => {
      const parsed = plainText.parse(text, spec);
      return parsed.ok ? accept(text === "" ? [] : [text]) : parsed;
    },
    format: (value) => value.join(","),
  },
};

/** Reads a value from its texts, at least one. Lists take all of them in order; anything else takes the last. */
export function decode(spec: OptionSpec, texts: readonly string[]): Decoded<unknown> {
  if (spec.kind !== "list" && spec.kind !== "texts") return codecs[spec.kind].parse(texts.at(-1) ?? "", spec);
  const items: string[] = [];
  for (const text of texts) {
    const parsed = codecs[spec.kind].parse(text, spec);
    if (!parsed.ok) return parsed;
    for (const item of parsed.value) items.push(item);
    if (items.length > mostListItems) return refuse(`expected at most ${mostListItems} items`);
  }
  return accept(items);
}

/** Writes a value as `decode` reads it; equal values are written alike. */
export function encode(spec: OptionSpec, value: unknown): string {
  return (codecs[spec.kind] as Codec<unknown>).format(value);
}

/** The value of an option that nobody set. Throws if the table is wrong, which a test rules out. */
export function defaultValue(spec: OptionSpec): unknown {
  const decoded = decode(spec, [spec.default]);
  if (!decoded.ok) throw new Error(`the default of ${spec.name} can't be read: ${decoded.reason}`);
  return decoded.value;
}

/** What a flag given without a value means; undefined if it needs one. */
export function bareValue(spec: OptionSpec): string | undefined {
  return codecs[spec.kind].bare;
}

/** What help calls the value. */
export function metavar(spec: OptionSpec): string {
  return spec.metavar ?? spec.choices?.join("|") ?? codecs[spec.kind].metavar;
}

function parseSwitch(text: string): Decoded<boolean> | undefined {
  // The spellings that Go's flag packages take, so that those of 1.3.6 keep working.
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return accept(true);
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return accept(false);
  return undefined;
}

function parseInteger(text: string, min: number, max: number): Decoded<number> {
  const value = /^\d{1,16}$/u.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return accept(value);
  const upTo = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return refuse(`expected a whole number ${upTo}`);
}

function parseBytes(text: string, { min = 0, max = Number.MAX_SAFE_INTEGER }: OptionSpec): Decoded<number> {
  const [, digits = "", unit = ""] = /^(\d{1,16})(KiB|MiB|GiB)?$/u.exec(text) ?? [];
  const shift = { "": 0, KiB: 10, MiB: 20, GiB: 30 }[unit] ?? 0;
  const value = digits === "" ? Number.NaN : Number(digits) * 2 ** shift;
  if (value >= min && value <= max) return accept(value);
  return refuse(`expected a number of bytes from ${min} to ${max}, such as 1048576 or 1MiB`);
}

function parseTime(text: string): Decoded<number> {
  const ms = parseDuration(text);
  if (ms !== undefined && ms <= longestDurationMs) return accept(ms);
  return refuse(`expected a duration of at most ${formatDuration(longestDurationMs)}, such as 500ms, 2s or 1h30m`);
}

function parseList(text: string): Decoded<readonly string[]> {
  if (/\p{Cc}/u.test(text)) return refuse("expected items without control characters");
  const items = text.split(",").map((item) => item.trim());
  return accept(items.filter((item) => item !== ""));
}

function either(words: readonly string[]): string {
  return [words.slice(0, -1).join(", "), words.at(-1) ?? ""].filter((part) => part !== "").join(" or ");
}

function parseListenAddress(text: string): Decoded<Address> {
  const parsed = parseAddress(text);
  if (parsed.ok) return accept(parsed.address);
  return refuse(`expected tcp://host:port or unix:///path; ${parsed.why}`);
}

function accept<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

function refuse(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}
