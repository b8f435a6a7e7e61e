import type { LevelRules } from "../log/levels.ts";
import type { ListenAddress } from "./address.ts";

/** What each kind of option holds once it is read. `codec.ts` knows how each is written. */
export interface ValueTypes {
  readonly text: string;
  readonly file: string;
  readonly folder: string;
  readonly choice: string;
  readonly switch: boolean;
  /** `auto` leaves the choice to the program. */
  readonly autoswitch: boolean | "auto";
  readonly int: number;
  readonly port: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly address: ListenAddress;
  readonly levels: LevelRules;
  /** Comma-separated, and the flag may be repeated. */
  readonly list: readonly string[];
  /** One value for each time the flag is given; commas belong to the value. */
  readonly texts: readonly string[];
}

export type OptionKind = keyof ValueTypes;

/** One setting: everything that is said of it anywhere is made from this. */
export interface OptionSpec {
  /** In kebab-case: the flag's main name, and the root of its environment variable. */
  readonly name: string;
  /** The flag of Galley 1.3.6, where it was spelled differently; it means the same. */
  readonly formerName?: string;
  readonly short?: string;
  readonly kind: OptionKind;
  /** The default, as a user would write it. */
  readonly default: string;
  /** One sentence for `--help` and the reference. */
  readonly doc: string;
  /** What the value is called in `--help`, where the kind's own word says too little. */
  readonly metavar?: string;
  /** The heading it stands under in `--help` and the reference. */
  readonly group?: string;
  /** For kind `choice`: what may be chosen. */
  readonly choices?: readonly string[];
  /** For kinds `int` and `bytes`: the least and the largest value. */
  readonly min?: number;
  readonly max?: number;
  /** Dotted keys of the config file that mean this setting, beside its names. */
  readonly aliases?: readonly string[];
  /** Never shown when settings are listed. */
  readonly secret?: boolean;
  /** Where it may be given other than on the command line; everywhere, unless said. */
  readonly from?: "flag" | "flag-or-environment";
  /** Whether anything heeds it; everything does, unless said. */
  readonly status?: OptionStatus;
}

/**
 * `notBuilt` names the feature that this release lacks: any value but the default is refused.
 * `ignored` says why either value means the same: it is accepted with a notice.
 */
type OptionStatus = { readonly notBuilt: string } | { readonly ignored: string };

/** Settings by the name that code uses. */
export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** The values of a table, typed by its kinds. */
export type ValuesOf<Table extends OptionTable> = { readonly [Key in keyof Table]: ValueOf<Table[Key]> };

type ValueOf<Spec extends OptionSpec> = Spec extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : ValueTypes[Spec["kind"]];

/** `--config-path`: how messages name an option. */
export function flagName(spec: OptionSpec): string {
  return `--${spec.name}`;
}

/** Every spelling of its long flag, the main one first. */
export function flagNames(spec: OptionSpec): readonly string[] {
  return spec.formerName === undefined ? [spec.name] : [spec.name, spec.formerName];
}

/** The environment variable of an option: `GALLEY_CONFIG_PATH`; undefined where it has none. */
export function environmentName(spec: OptionSpec): string | undefined {
  return spec.from === "flag" ? undefined : `GALLEY_${spec.name.toUpperCase().replaceAll("-", "_")}`;
}

/** The feature that an option would need and this release lacks, if that is so. */
export function missingFeature(spec: OptionSpec): string | undefined {
  return spec.status !== undefined && "notBuilt" in spec.status ? spec.status.notBuilt : undefined;
}
