import { resolveFloat, resolveInteger, resolvePlain, type Scalar } from "./scalar.ts";

/** Prefixes of tag handles (`!!` and such) that a document declares with %TAG. */
export type TagPrefixes = ReadonlyMap<string, string>;

const CORE = "tag:yaml.org,2002:";

/** The full name of a tag as written, with core tags cut down to `str`, `map` and so on; `!` alone stays as it is. */
export function tagName(written: string, prefixes: TagPrefixes): string {
  const full = written.startsWith("!<") ? written.slice(2, -1) : expand(written, prefixes);
  return full.startsWith(CORE) ? full.slice(CORE.length) : full;
}

function expand(written: string, prefixes: TagPrefixes): string {
  const handleEnd = written.indexOf("!", 1);
  const handle = written.slice(0, handleEnd < 0 ? 1 : handleEnd + 1);
  const prefix = prefixes.get(handle) ?? (handle === "!!" ? CORE : handle);
  return prefix + written.slice(handle.length);
}

/** A scalar under an explicit tag: its value, or what is wrong with it. */
export type TaggedScalar = { readonly ok: true; readonly value: Scalar } | { readonly ok: false; readonly why: string };

/** Reads a scalar as its tag says. Only the core tags of YAML 1.1 are known; an unknown tag is an error, never a guess. */
export function resolveTagged(tag: string, text: string): TaggedScalar {
  switch (tag) {
    case "!":
    case "str":
    case "timestamp":
      return { ok: true, value: text };
    case "binary":
      return resolveBinary(text);
    case "null":
      return fits(tag, text, resolvePlain(text), (value) => value === null);
    case "bool":
      return fits(tag, text, resolvePlain(text), (value) => typeof value === "boolean");
    case "int":
      return fits(tag, text, resolveInteger(text), (value) => value !== undefined);
    case "float":
      return fits(tag, text, floatOf(text), (value) => value !== undefined);
    default:
      return { ok: false, why: `the tag ${shown(tag)} is not known; remove it` };
  }
}

function fits(
  tag: string,
  text: string,
  value: Scalar | undefined,
  right: (value: Scalar | undefined) => boolean,
): TaggedScalar {
  return right(value)
    ? { ok: true, value: value as Scalar }
    : { ok: false, why: `${JSON.stringify(text.slice(0, 40))} is not a value of !!${tag}` };
}

function floatOf(text: string): number | undefined {
  const integer = resolveInteger(text);
  if (integer !== undefined) return Number(integer);
  const special = resolvePlain(text);
  return typeof special === "number" ? special : resolveFloat(text);
}

// As go-yaml does: the value is the bytes that are encoded, read as text. Bytes that are no text have no place in a tree
// of plain values.
function resolveBinary(text: string): TaggedScalar {
  const encoded = text.replaceAll(/\s/g, "");
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
    return { ok: false, why: "the text under !!binary is not base64" };
  }
  try {
    return {
      ok: true,
      value: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, "base64")),
    };
  } catch {
    return {
      ok: false,
      why: "the bytes under !!binary are not UTF-8 text; where a field takes bytes, write base64 without the tag",
    };
  }
}

/** How a tag is written, for messages. */
export function shown(tag: string): string {
  return /^[a-z]+$/.test(tag) ? `!!${tag}` : tag.startsWith("!") ? tag : `!<${tag}>`;
}
