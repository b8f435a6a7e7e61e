import type { Logger } from "../lib/logger.ts";
import { formatPlace, type Problem, problemKey, type Severity, wordsOf } from "../model/problem.ts";

/** A problem as it is listed: with its source and since when. */
export interface ListedProblem extends Problem {
  readonly source: string;
  /** Wall clock milliseconds. */
  readonly since: number;
}

/** The problems that there are now. Each is reported once when it appears and once when it is gone. */
export class ProblemList {
  readonly #log: Logger;
  readonly #wall: () => number;
  readonly #scopes = new Map<string, Map<string, ListedProblem>>();
  readonly #counts = { error: 0, warning: 0, info: 0 };
  /** Sorted when asked for, and kept until something changes. */
  #sorted: readonly ListedProblem[] | undefined;

  constructor(log: Logger, wall: () => number) {
    this.#log = log;
    this.#wall = wall;
  }

  /** Replaces what is known of one scope of a source; an empty list says that all is mended. */
  set(source: string, scope: string, problems: readonly Problem[]): void {
    const key = `${source}\0${scope}`;
    const before = this.#scopes.get(key);
    if (before === undefined && problems.length === 0) return;
    const now = new Map<string, ListedProblem>();
    for (const problem of problems) {
      const id = problemKey(problem);
      const known = before?.get(id) ?? now.get(id);
      if (known === undefined) this.#report(source, problem);
      now.set(id, known ?? { ...problem, source, since: this.#wall() });
    }
    for (const { severity } of before?.values() ?? []) this.#counts[severity]--;
    for (const { severity } of now.values()) this.#counts[severity]++;
    this.#sorted = undefined;
    // Lines move while a file is edited: what is still wrong a line further down is neither new nor mended for long.
    let left: ReadonlySet<string> | undefined;
    for (const [id, problem] of before ?? []) {
      if (now.has(id)) continue;
      // What has no place is told by its code and what it is about: the same in other words is not mended.
      if (problem.at === undefined && (left ??= topicsOf(now.values())).has(topicOf(problem))) continue;
      this.#mended(problem);
    }
    if (now.size === 0) this.#scopes.delete(key);
    else this.#scopes.set(key, now);
  }

  /** Takes all problems of a source for mended but those of these scopes. */
  retain(source: string, scopes: ReadonlySet<string>): void {
    const start = `${source}\0`;
    for (const key of this.#scopes.keys()) {
      if (!key.startsWith(start)) continue;
      const scope = key.slice(start.length);
      if (!scopes.has(scope)) this.set(source, scope, []);
    }
  }

  /** All problems, worst first, then by place; the same array until something changes. */
  list(): readonly ListedProblem[] {
    this.#sorted ??= [...this.#scopes.values()]
      .flatMap((scope) => [...scope.values()])
      .sort((a, b) => rank[a.severity] - rank[b.severity] || comparePlaces(a, b));
    return this.#sorted;
  }

  counts(): Readonly<Record<Severity, number>> {
    return { ...this.#counts };
  }

  #report(source: string, problem: Problem): void {
    const at = problem.at === undefined ? undefined : formatPlace(problem.at);
    this.#log[logLevel[problem.severity]](wordsOf(problem), {
      at,
      subject: problem.subject,
      code: problem.code,
      source,
    });
  }

  #mended({ at, subject, code, source }: ListedProblem): void {
    this.#log.info("mended", { at: at === undefined ? undefined : formatPlace(at), subject, code, source });
  }
}

function topicsOf(problems: Iterable<Problem>): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const problem of problems) if (problem.at === undefined) topics.add(topicOf(problem));
  return topics;
}

function topicOf({ code, subject = "" }: Problem): string {
  return `${code} ${subject}`;
}

const rank = { error: 0, warning: 1, info: 2 } as const;

const logLevel = { error: "error", warning: "warn", info: "info" } as const;

function comparePlaces(a: Problem, b: Problem): number {
  const fileA = a.at?.file ?? "";
  const fileB = b.at?.file ?? "";
  if (fileA !== fileB) return fileA < fileB ? -1 : 1;
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
}
