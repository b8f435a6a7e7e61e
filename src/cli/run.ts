import { systemClock } from "../lib/clock.ts";
import { GalleyError } from "../lib/errors.ts";
import type { Command, CommandOutline, CommandSettings } from "./command/command.ts";
import { findCommand } from "./command/find.ts";
import { helpCommand, printHelp } from "./command/help-command.ts";
import { findCommandWord, type ParsedLine, parseLine } from "./command/parse.ts";
import { exitStatus, printProblems } from "./errors/print.ts";
import { letSignalsEnd } from "./interrupted.ts";
import { openLog } from "./log/open.ts";
import type { Environment } from "./options/environment.ts";
import { loadSettings } from "./options/load.ts";
import { resolveSettings, type Resolved } from "./options/resolve.ts";
import type { OptionTable } from "./options/option.ts";
import type { CommonOptions } from "./options/table.ts";
import { commonOptions } from "./options/table/common.ts";
import { commandOutput, remarksOutput } from "./terminal/command-output.ts";
import type { CliIo } from "./terminal/io.ts";

/**
 * Runs one command line, without the name of the program, and resolves with the exit status: 0 if the command did its
 * work, 1 if it failed or its output could not be written, 255 if the command line or the environment can't be understood.
 * Never rejects.
 */
export async function runCli(
  commands: readonly Command[],
  argv: readonly string[],
  env: Environment,
  streams: CliIo,
): Promise<number> {
  const stdout = commandOutput(streams.stdout);
  const io = { stdout, stderr: remarksOutput(streams.stderr) };
  const all = [...commands, helpCommand];
  try {
    const call = parseCall(all, argv);
    let status: number = exitStatus.ok;
    if (call === undefined || call.line.flags.has("help")) printHelp(call?.command, all, io, env);
    else status = await runCommand(call, all, env, io, streams);
    // A stream tells of a failure by an event, soon after the write.
    await new Promise((resume) => setImmediate(resume));
    stdout.check();
    return status;
  } catch (error) {
    return printProblems([error], io, env);
  }
}

interface Call {
  readonly command: Command;
  readonly line: ParsedLine;
}

/** The command that is called, and its arguments; undefined if none is named and help is what is wanted. */
function parseCall(commands: readonly Command[], argv: readonly string[]): Call | undefined {
  const words = argv[0] === "--version" ? ["version", ...argv.slice(1)] : argv;
  const at = findCommandWord([commonOptions, ...commands.map(({ options }) => options)], words);
  if (at === undefined) {
    parseLine(commonOptions, words);
    return undefined;
  }
  const command = findCommand(commands, words[at]!);
  const line = parseLine(tableOf(command), words.toSpliced(at, 1));
  if (!line.flags.has("help")) checkPositionals(command, line.positionals);
  return { command, line };
}

async function runCommand(
  { command, line }: Call,
  commands: readonly Command[],
  env: Environment,
  io: CliIo,
  streams: CliIo,
): Promise<number> {
  if (command.stopsInOrder !== true) letSignalsEnd();
  const resolved = await resolveCommand(command, line, env);
  if (!resolved.ok) return printProblems(resolved.problems, io, env);
  const { settings, notices } = resolved;
  const log = await openLog(logValues(command, settings), streams, env, systemClock);
  try {
    for (const notice of notices) log.logger.scope("settings").warn(notice);
    return await command.run({ settings, positionals: line.positionals, io, env, log, commands });
  } finally {
    await log.close();
  }
}

async function resolveCommand(
  command: Command,
  line: ParsedLine,
  env: Environment,
): Promise<Resolved<CommonOptions & OptionTable>> {
  const table = tableOf(command);
  const resolved =
    command.layers === "all" ? await loadSettings(table, line.flags, env) : resolveSettings(table, [line.flags]);
  if (!resolved.ok || command.check === undefined) return resolved;
  const { problems, notices } = command.check(resolved.settings);
  if (problems.length > 0) return { ok: false, problems };
  return { ...resolved, notices: [...resolved.notices, ...notices] };
}

/** The standard output of a command is its result; only that of a server is its log. */
function logValues(command: CommandOutline, settings: CommandSettings<OptionTable>): Parameters<typeof openLog>[0] {
  if (command.layers === "all" || settings.isGiven("logTarget")) return settings.values;
  return { ...settings.values, logTarget: ["stderr"] };
}

function tableOf({ options }: CommandOutline): CommonOptions & OptionTable {
  return { ...options, ...commonOptions };
}

function checkPositionals(command: CommandOutline, words: readonly string[]): void {
  const usage = (message: string): GalleyError =>
    new GalleyError("GLY_ARGUMENT", message, { hint: `\`galley help ${command.name}\` shows what it takes` });
  const extra = words[command.positionals.length];
  if (extra !== undefined && command.positionals.at(-1)?.many !== true) {
    throw usage(`galley ${command.name} takes no argument ${JSON.stringify(extra)}`);
  }
  const missing = command.positionals.find(({ required }, index) => required && words[index] === undefined);
  if (missing !== undefined) {
    throw usage(`galley ${command.name} needs the argument ${missing.name}: ${missing.doc}`);
  }
  for (const [index, { name, choices }] of command.positionals.entries()) {
    const word = words[index];
    if (word === undefined || choices === undefined || choices.includes(word)) continue;
    throw usage(`${name} is ${choices.join(" or ")}, not ${JSON.stringify(word)}`);
  }
}
