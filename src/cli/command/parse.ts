import { GalleyError } from "../../lib/errors.ts";
import { bareValue } from "../options/codec.ts";
import { flagName, flagNames, type OptionSpec, type OptionTable } from "../options/option.ts";
import type { Given, GivenByKey } from "../options/origin.ts";
import { suggest } from "../../lib/suggest.ts";

/** A command line, taken apart. Values are not read yet. */
export interface ParsedLine {
  readonly flags: GivenByKey;
  readonly positionals: readonly string[];
}

/** How to find an option by what is typed, dashes included. */
type Lookup = ReadonlyMap<string, readonly [key: string, spec: OptionSpec]>;

/**
 * The place of the first positional word, which names the command: flags of any table may stand before it. Throws
 * `GalleyError` on a flag before it that no table has.
 */
export function findCommandWord(tables: readonly OptionTable[], words: readonly string[]): number | undefined {
  const lookups = tables.map(lookupOf);
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === "--") return at + 1 < words.length ? at + 1 : undefined;
    if (!word.startsWith("-") || word === "-") return at;
    const flag = word.startsWith("--") ? word.split("=", 1)[0]! : word.slice(0, 2);
    const found = lookups.flatMap((lookup) => lookup.get(flag)?.[1] ?? []);
    if (found.length === 0) throw unknownFlag(flag, new Map(lookups.flatMap((lookup) => [...lookup])));
    const needingValue = found.filter((spec) => bareValue(spec) === undefined).length;
    if (needingValue > 0 && needingValue < found.length) {
      throw new GalleyError("GLY_ARGUMENT", `${flag} means one thing or another: write the command before it`);
    }
    if (flag === word && needingValue > 0) at++;
  }
  return undefined;
}

/**
 * Takes a command line apart: `--flag=value`, `--flag value`, `-f value`, `-fvalue`, clustered switches, and `--` after
 * which everything is positional. Throws `GalleyError` on a flag that isn't in the table or lacks its value.
 */
export function parseLine(table: OptionTable, words: readonly string[]): ParsedLine {
  const lookup = lookupOf(table);
  const given = new Map<string, Given & { readonly texts: string[] }>();
  const positionals: string[] = [];
  let at = 0;

  while (at < words.length) {
    const word = words[at++]!;
    if (word === "--") {
      for (const rest of words.slice(at)) positionals.push(rest);
      break;
    }
    if (word.startsWith("--")) takeLong(word);
    else if (word.startsWith("-") && word !== "-") takeShort(word);
    else positionals.push(word);
  }
  return { flags: given, positionals };

  function takeLong(word: string): void {
    const equals = word.indexOf("=");
    const flag = equals < 0 ? word : word.slice(0, equals);
    const found = lookup.get(flag);
    if (found === undefined) throw unknownFlag(flag, lookup);
    add(found, flag, equals < 0 ? undefined : word.slice(equals + 1));
  }

  function takeShort(word: string): void {
    for (let i = 1; i < word.length; i++) {
      const flag = `-${word[i]}`;
      const found = lookup.get(flag);
      if (found === undefined) throw unknownFlag(word.length === 2 ? flag : `${flag} in ${word}`, lookup);
      const rest = word.slice(i + 1);
      if (rest.startsWith("=")) return add(found, flag, rest.slice(1));
      if (bareValue(found[1]) === undefined) return add(found, flag, rest === "" ? undefined : rest);
      add(found, flag, undefined);
    }
  }

  function add([key, spec]: readonly [string, OptionSpec], flag: string, written: string | undefined): void {
    const text = written ?? bareValue(spec) ?? nextValue(flag);
    const texts = given.get(key)?.texts ?? [];
    texts.push(text);
    given.set(key, { origin: { kind: "flag", flag }, texts });
  }

  function nextValue(flag: string): string {
    const next = words[at];
    if (next === undefined) {
      throw new GalleyError("GLY_VALUE", `${flag} needs a value`, { hint: `write ${flag}=VALUE or ${flag} VALUE` });
    }
    if (lookup.has(next.split("=", 1)[0]!)) {
      const hint = `if ${next} is meant to be the value, write ${flag}=${next}`;
      throw new GalleyError("GLY_VALUE", `${flag} needs a value, and the flag ${next} follows it`, { hint });
    }
    at++;
    return next;
  }
}

function lookupOf(table: OptionTable): Lookup {
  const lookup = new Map<string, readonly [string, OptionSpec]>();
  for (const [key, spec] of Object.entries(table)) {
    for (const name of flagNames(spec)) lookup.set(`--${name}`, [key, spec]);
    if (spec.short !== undefined) lookup.set(`-${spec.short}`, [key, spec]);
  }
  return lookup;
}

function unknownFlag(flag: string, lookup: Lookup): GalleyError {
  const isNegated = flag.startsWith("--no-");
  const names = [...lookup.keys()].filter((name) => name.startsWith("--"));
  const near = suggest(isNegated ? `--${flag.slice(5)}` : flag, names);
  const spec = near === undefined ? undefined : lookup.get(near)?.[1];
  const hint = spec === undefined ? {} : { hint: `did you mean ${flagName(spec)}${isNegated ? "=false" : ""}?` };
  return new GalleyError("GLY_UNKNOWN_FLAG", `unknown flag ${flag}`, hint);
}
