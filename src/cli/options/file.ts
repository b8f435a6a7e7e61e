import { GalleyError } from "../../lib/errors.ts";
import { escapeControls } from "../terminal/escape.ts";
import { type FileEntry, parseConfigEntries } from "./file-entries.ts";
import { readConfigText } from "./file-text.ts";
import { flagNames, type OptionSpec, type OptionTable } from "./option.ts";
import { formatOrigin, type Given, type GivenByKey } from "./origin.ts";
import { suggest } from "../../lib/suggest.ts";

/** What a config file sets, what is odd about it, and what is wrong with it. */
export interface FileLayer {
  readonly given: GivenByKey;
  readonly notices: readonly string[];
  readonly problems: readonly GalleyError[];
}

/** Reads a config file; throws `GalleyError` if it can't be read or isn't a document of keys and values. */
export async function readConfigFile(table: OptionTable, file: string): Promise<FileLayer> {
  return matchEntries(table, parseConfigEntries(await readConfigText(file), file), file);
}

/**
 * Finds the setting of each entry: by any of its flag names or dotted aliases, in upper or lower case. Unknown keys are
 * noticed, as 1.3.6 lets them pass; a setting that is given twice is a problem, for either might be the one meant.
 */
export function matchEntries(table: OptionTable, entries: readonly FileEntry[], file: string): FileLayer {
  const keys = fileKeys(table);
  const given = new Map<string, Given>();
  const notices: string[] = [];
  const problems: GalleyError[] = [];
  for (const entry of entries) {
    const place = `${file}:${entry.line}`;
    const found = keys.get(entry.path.toLowerCase());
    if (found === undefined) {
      notices.push(`${place}: unknown key ${escapeControls(entry.path)}${nearest(entry.path, keys)}`);
      continue;
    }
    const [key, spec] = found;
    const earlier = given.get(key);
    const texts = textsOf(entry, spec);
    if (earlier !== undefined) {
      problems.push(invalid(entry, file, `is set at ${formatOrigin(earlier.origin)} already`));
    } else if (typeof texts === "string") {
      problems.push(invalid(entry, file, texts));
    } else if (texts !== undefined) {
      given.set(key, { origin: { kind: "file", file, line: entry.line, key: entry.path }, texts });
    }
  }
  return { given, notices, problems };
}

/** The texts of a value; undefined if the key has none, a reason if the setting can't take it. */
function textsOf({ value }: FileEntry, spec: OptionSpec): readonly string[] | string | undefined {
  const isList = spec.kind === "list" || spec.kind === "texts";
  if (value.kind === "scalar") return [value.text];
  if (value.kind === "null") return undefined;
  if (value.kind === "odd") return `expected ${isList ? "a list" : "a plain value"}, found ${value.what}`;
  if (!isList) return "expected a plain value, found a list";
  return value.texts.length === 0 ? [""] : value.texts;
}

function fileKeys(table: OptionTable): ReadonlyMap<string, readonly [key: string, spec: OptionSpec]> {
  const keys = new Map<string, readonly [string, OptionSpec]>();
  for (const [key, spec] of Object.entries(table)) {
    if (spec.from !== undefined) continue;
    for (const name of [...flagNames(spec), ...(spec.aliases ?? [])]) keys.set(name.toLowerCase(), [key, spec]);
  }
  return keys;
}

function nearest(path: string, keys: ReadonlyMap<string, readonly [string, OptionSpec]>): string {
  const near = suggest(path, keys.keys());
  const spelled = near === undefined ? undefined : keys.get(near)?.[1];
  if (near === undefined || spelled === undefined) return "";
  const names = [...flagNames(spelled), ...(spelled.aliases ?? [])];
  return `; did you mean ${names.find((name) => name.toLowerCase() === near) ?? near}?`;
}

function invalid(entry: FileEntry, file: string, reason: string): GalleyError {
  const message = `${file}:${entry.line}: ${escapeControls(entry.path)}: ${reason}`;
  return new GalleyError("GLY_CONFIG_FILE_VALUE", message, { details: { file, line: entry.line } });
}
