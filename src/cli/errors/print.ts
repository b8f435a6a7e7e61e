import { type ErrorSpec, errorTable, GalleyError } from "../../lib/errors.ts";
import type { Environment } from "../options/environment.ts";
import { colours } from "../terminal/colours.ts";
import { escapeControls } from "../terminal/escape.ts";
import type { CliIo } from "../terminal/io.ts";

/**
 * Exit statuses of every command. Those of 1.3.6 are kept: 1 for a start that fails, 255 for a command line that can't
 * be understood.
 */
export const exitStatus = { ok: 0, failed: 1, usage: 255 } as const;

/** Prints what went wrong, each with a hint, and returns the exit status: 255 if any of it is a matter of usage. */
export function printProblems(problems: readonly unknown[], io: CliIo, env: Environment): number {
  const paint = colours(io.stderr, env);
  const lines: string[] = [];
  let status: number = exitStatus.failed;
  for (const problem of problems) {
    const error = GalleyError.is(problem) ? problem : internalError(problem);
    const { family }: ErrorSpec = errorTable[error.code];
    if (family === "usage") status = exitStatus.usage;
    lines.push(`${paint.red("error:")} ${escapeControls(error.message)} ${paint.dim(`[${error.code}]`)}`);
    if (family === "bug") lines.push(...traceOf(error.cause));
    lines.push(`${paint.cyan("hint:")} ${escapeControls(error.hint)}`);
  }
  io.stderr.write(lines.map((line) => `${line}\n`).join(""));
  return status;
}

function internalError(cause: unknown): GalleyError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GalleyError("GLY_INTERNAL", `internal error: ${reason}`, { cause });
}

function traceOf(cause: unknown): readonly string[] {
  if (!(cause instanceof Error)) return [];
  return (cause.stack ?? "").split("\n").slice(1).map(escapeControls);
}
