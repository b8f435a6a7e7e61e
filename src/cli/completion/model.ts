import type { CommandOutline } from "../command/command.ts";
import { bareValue } from "../options/codec.ts";
import type { OptionSpec } from "../options/option.ts";
import { commonOptions } from "../options/table/common.ts";

/** What can stand after a flag: nothing, a path, one of some words, or anything. */
export type Takes =
  | { readonly kind: "nothing" }
  | { readonly kind: "file" }
  | { readonly kind: "folder" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "anything" };

export interface FlagWords {
  readonly long: string;
  readonly short?: string;
  readonly doc: string;
  readonly takes: Takes;
}

/** What a shell has to know of a command. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagWords[];
  /** What the first argument may be. */
  readonly words: readonly string[];
}

/** The commands with the flags that do something in this release, by their main names. */
export function completionModel(commands: readonly CommandOutline[]): readonly CommandWords[] {
  const names = commands.map(({ name }) => name);
  return commands.map(({ name, summary, options, positionals: [first] }) => ({
    name,
    summary,
    flags: Object.values<OptionSpec>({ ...options, ...commonOptions })
      .filter(({ status }) => status === undefined)
      .map(flagWords),
    words: name === "help" ? names : (first?.choices ?? []),
  }));
}

function flagWords(spec: OptionSpec): FlagWords {
  const short = spec.short === undefined ? {} : { short: spec.short };
  return { long: spec.name, ...short, doc: spec.doc, takes: takesOf(spec) };
}

function takesOf(spec: OptionSpec): Takes {
  if (bareValue(spec) !== undefined) return { kind: "nothing" };
  if (spec.choices !== undefined) return { kind: "words", words: spec.choices.filter((word) => word !== "") };
  return spec.kind === "file" || spec.kind === "folder" ? { kind: spec.kind } : { kind: "anything" };
}
