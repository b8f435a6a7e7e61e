import type { GalleyError } from "../../lib/errors.ts";
import type { Log } from "../log/log.ts";
import type { Environment } from "../options/environment.ts";
import type { OptionTable } from "../options/option.ts";
import type { Settings } from "../options/settings.ts";
import type { CommonOptions } from "../options/table.ts";
import type { CliIo } from "../terminal/io.ts";

export interface Example {
  readonly line: string;
  readonly doc: string;
}

/** An argument that is told by its place, not by a flag. */
interface Positional {
  readonly name: string;
  readonly doc: string;
  readonly required: boolean;
  /** Whether it may be repeated; only the last can. */
  readonly many?: boolean;
  /** What may stand there, where that is a closed list; anything, unless said. */
  readonly choices?: readonly string[];
}

/** Everything that help, completion and the reference say of a command. */
export interface CommandOutline<Options extends OptionTable = OptionTable> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Paragraphs for the command's own help. */
  readonly description: readonly string[];
  readonly examples: readonly Example[];
  /** Its own flags; those in `commonOptions` are added to every command. */
  readonly options: Options;
  readonly positionals: readonly Positional[];
  /** Whether settings also come from the environment and the config file, or from flags alone. */
  readonly layers: "flags" | "all";
  /** Whether it stops in an orderly way however early it is told to; others are ended by a signal until they listen for it. */
  readonly stopsInOrder?: boolean;
}

/** A sub-command, as a value. */
export interface Command<Options extends OptionTable = OptionTable> extends CommandOutline<Options> {
  /** Judges the settings as a whole, before anything runs. */
  check?(settings: CommandSettings<Options>): SettingsVerdict;
  /**
   * Does the work and returns the exit status. It may throw `GalleyError` for what is nobody's bug. It must not write
   * to the streams of the process but to `context.io`, nor end the process.
   */
  run(context: CommandContext<Options>): Promise<number>;
}

export type CommandSettings<Options extends OptionTable> = Settings<CommonOptions & Options>;

/** Any problem stops the command; notices are logged. */
export interface SettingsVerdict {
  readonly problems: readonly GalleyError[];
  readonly notices: readonly string[];
}

/** What a command is given. */
export interface CommandContext<Options extends OptionTable = OptionTable> {
  readonly settings: CommandSettings<Options>;
  readonly positionals: readonly string[];
  readonly io: CliIo;
  readonly env: Environment;
  readonly log: Log;
  /** All commands, for those that speak of them. */
  readonly commands: readonly Command[];
}
