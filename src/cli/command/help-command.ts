import { colours } from "../terminal/colours.ts";
import { type CliIo, textWidth } from "../terminal/io.ts";
import type { Environment } from "../options/environment.ts";
import type { Command, CommandOutline } from "./command.ts";
import { commandHelp, type HelpStyle } from "./help.ts";
import { findCommand } from "./find.ts";
import { rootHelp } from "./root-help.ts";

/** `galley help [COMMAND]`. */
export const helpCommand: Command = {
  name: "help",
  summary: "Explain a command, or list them all",
  description: [],
  examples: [],
  options: {},
  positionals: [{ name: "COMMAND", doc: "The command to explain.", required: false }],
  layers: "flags",
  run({ positionals: [name], commands, io, env }) {
    const command = name === undefined ? undefined : findCommand(commands, name);
    printHelp(command, commands, io, env);
    return Promise.resolve(0);
  },
};

/** Prints the help of one command, or without one that of all. */
export function printHelp(
  command: CommandOutline | undefined,
  commands: readonly CommandOutline[],
  io: CliIo,
  env: Environment,
): void {
  const style: HelpStyle = { width: textWidth(io.stdout), paint: colours(io.stdout, env) };
  io.stdout.write(command === undefined ? rootHelp(commands, style) : commandHelp(command, style));
}
