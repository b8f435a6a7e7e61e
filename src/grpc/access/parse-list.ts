import { explain } from "../../lib/yaml/explain.ts";
import { parseYaml } from "../../lib/yaml/parse.ts";
import { suggest } from "../../lib/suggest.ts";
import type { AccessList } from "./list.ts";

/** A list with what is odd about it, or why the text is none. */
export type ParsedAccessList =
  | { readonly ok: true; readonly list: AccessList; readonly notices: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** `isblacklist` and `allowed` are those of Galley 1.3.6; under `isblacklist: true`, `allowed` names who is not. */
const keys = ["allow", "block", "isblacklist", "allowed"] as const;

type Key = (typeof keys)[number];

/** Reads an access list: `allow` or `block` with a list of URIs, or the two keys of Galley 1.3.6. Empty text allows nobody. */
export function parseAccessList(text: string): ParsedAccessList {
  const parsed = parseYaml(text);
  if (!parsed.ok) {
    const { line, column, message } = explain(text, parsed.fault);
    return refuse(`line ${line}, column ${column}: ${message}`);
  }
  const value = parsed.value ?? {};
  if (typeof value !== "object" || Array.isArray(value)) return refuse("it is not a YAML document of keys and values");
  const { fields, notices, twice } = fieldsOf(value);
  if (twice !== undefined) return refuse(`${twice} is given twice, in different spellings`);
  if (fields.has("allow") && fields.has("block")) return refuse("it has both allow and block; give one of them");
  const former = fields.has("isblacklist") || fields.has("allowed");
  if (former && (fields.has("allow") || fields.has("block"))) {
    return refuse("it mixes allow or block with isblacklist and allowed; give allow or block alone");
  }
  const kind = kindOf(fields);
  if (kind === undefined) return refuse("isblacklist is neither true nor false");
  const named = former ? "allowed" : kind;
  const ids = fields.get(named) ?? [];
  if (!Array.isArray(ids)) return refuse(`${named} is not a list`);
  const odd = ids.findIndex((id) => typeof id !== "string" || id === "");
  if (odd >= 0) return refuse(`item ${odd + 1} of ${named} is not a text`);
  const list: AccessList = { kind, ids: new Set(ids as readonly string[]) };
  return { ok: true, list, notices: bounded([...notices, ...oddities(list)]) };
}

/** Notices are log lines: a file of another kind that ends up here may have a hundred thousand unknown keys. */
const MAX_NOTICES = 10;

function bounded(notices: readonly string[]): readonly string[] {
  if (notices.length <= MAX_NOTICES) return notices;
  const rest = notices.length - MAX_NOTICES + 1;
  // The last ones are about the list as a whole.
  return [...notices.slice(0, MAX_NOTICES - 2), `${rest} more things like that are odd about it`, ...notices.slice(-1)];
}

function kindOf(fields: ReadonlyMap<Key, unknown>): AccessList["kind"] | undefined {
  if (fields.has("allow")) return "allow";
  if (fields.has("block")) return "block";
  const isBlacklist = fields.get("isblacklist") ?? false;
  if (typeof isBlacklist !== "boolean") return undefined;
  return isBlacklist ? "block" : "allow";
}

interface Fields {
  readonly fields: ReadonlyMap<Key, unknown>;
  readonly notices: readonly string[];
  readonly twice: Key | undefined;
}

/** The known keys in whatever case: Galley 1.3.6 took `isBlackList` for no key at all, and the file for a whitelist. */
function fieldsOf(value: object): Fields {
  const fields = new Map<Key, unknown>();
  const notices: string[] = [];
  let twice: Key | undefined;
  for (const [name, field] of Object.entries(value)) {
    const key = keys.find((known) => known === name.toLowerCase());
    if (key === undefined) notices.push(unknownKey(name));
    else if (fields.has(key)) twice = key;
    else {
      fields.set(key, field);
      if (key !== name) notices.push(`the key ${name} is read as ${key}; Galley 1.3.6 ignores it when spelled so`);
    }
  }
  return { fields, notices, twice };
}

function unknownKey(name: string): string {
  const near = suggest(name, keys);
  const shown = JSON.stringify(name.slice(0, 100));
  return `the key ${shown} means nothing and is ignored${near === undefined ? "" : `; did you mean ${near}?`}`;
}

function oddities({ kind, ids }: AccessList): readonly string[] {
  if (kind === "allow" && ids.size === 0) return ["it allows nobody: every sink is refused"];
  const notUris = [...ids].filter((id) => !/^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i.test(id));
  if (notUris.length === 0) return [];
  const shown = JSON.stringify(notUris[0]!.slice(0, 100));
  return [`${notUris.length} of its items can never match, as only URIs of certificates are compared: ${shown}`];
}

function refuse(reason: string): ParsedAccessList {
  return { ok: false, reason };
}
