import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a command printed; `stdout` alone if it did well. */
export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. A command that can't be started is one that failed. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env = process.env }: CommandOptions = {},
): Promise<Outcome> {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  return await new Promise((resolve) => {
    child.once("error", (error) => resolve({ ok: false, stdout: "", stderr: error.message }));
    child.once("close", (code) => resolve({ ok: code === 0, ...output }));
  });
}

/** A command did not do what it had to; its message is for people. */
export class CommandError extends Error {}

/** Runs a command that has to succeed. @throws CommandError with what it printed. */
export async function need(command: string, args: readonly string[], options?: CommandOptions): Promise<string> {
  const { ok, stdout, stderr } = await run(command, args, options);
  if (!ok) throw new CommandError(`${[command, ...args].join(" ")}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}
