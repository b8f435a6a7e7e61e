import type { Origin } from "./resource.ts";

/** `error`: something is not served as written. `warning`: served, but not all of it. `info`: worth knowing. */
export type Severity = "error" | "warning" | "info";

/** A place in a file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** Something wrong with what a source was given. It is reported once, stays listed while it lasts, and goes when mended. */
export interface Problem {
  readonly severity: Severity;
  /** Stable, kebab-case, for scripts and alerts: `yaml-syntax`, `unknown-kind`, `unknown-field`… */
  readonly code: string;
  /** What is wrong, in one sentence, with the remedy where there is one. */
  readonly message: string;
  /** What was done about it: `the last good version stays in service`, `the document is ignored`… */
  readonly action: string;
  readonly at?: Place;
  /** Tells where it stands now, where somebody knows: lines move while a file is edited. `at` is where it stood when it was found. */
  readonly origin?: Origin;
  /** The document meant, as `Kind namespace/name`, where that much is known. */
  readonly subject?: string;
}

/** A problem in one sentence or two: what is wrong, and what was done about it. */
export function wordsOf({ message, action }: Pick<Problem, "message" | "action">): string {
  // A message may end by asking what was meant.
  return message.endsWith("?")
    ? `${message} ${action.charAt(0).toUpperCase()}${action.slice(1)}`
    : `${message}; ${action}`;
}

/** `file:line:column`, as far as it is known. */
export function formatPlace(at: Place): string {
  const parts = [at.file, at.line, at.column].filter((part) => part !== undefined);
  return parts.join(":");
}

/** Where a problem stands now, as far as anybody knows. */
export function placeOf({ at, origin }: Problem): Place | undefined {
  return (origin && readPlace(origin.describe())) ?? at;
}

/** Reads what `formatPlace` and origins write; `undefined` when it names no file. */
export function readPlace(text: string): Place | undefined {
  const [, file, line, column] = /^(.+?)(?::(\d{1,9}))?(?::(\d{1,9}))?$/su.exec(text) ?? [];
  if (file === undefined) return undefined;
  return { file, ...(line && { line: Number(line) }), ...(column && { column: Number(column) }) };
}

/** One line for a log or a terminal. */
function formatProblem(problem: Problem): string {
  const where = problem.at === undefined ? "" : `${formatPlace(problem.at)}: `;
  const who = problem.subject === undefined ? "" : `${problem.subject}: `;
  return `${where}${who}${wordsOf(problem)}`;
}

/** Equal keys mean the same problem: what is listed already is not reported again. */
export function problemKey(problem: Problem): string {
  return `${problem.severity} ${problem.code} ${formatProblem(problem)}`;
}
