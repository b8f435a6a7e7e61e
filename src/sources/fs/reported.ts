import { type Problem, problemKey } from "../../model/problem.ts";
import type { SourceBatch } from "../source.ts";

/** What has been said of problems, so that a list is said again only when it is another. */
export class Reported {
  readonly #said = new Map<string, string>();

  /** The batch that says these are the problems of a scope now; none when that is known. */
  *say(scope: string, problems: readonly Problem[]): Generator<SourceBatch, undefined> {
    const key = problems.map(problemKey).join("\n");
    if (key === (this.#said.get(scope) ?? "")) return;
    if (key === "") this.#said.delete(scope);
    else this.#said.set(scope, key);
    yield { kind: "problems", scope, problems };
  }

  /** Scopes that have problems. */
  get scopes(): readonly string[] {
    return [...this.#said.keys()];
  }
}
