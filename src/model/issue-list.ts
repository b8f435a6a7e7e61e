import type { Issue, Parsed, Path } from "./parsed.ts";

/** Collects issues while something is parsed, and gives the verdict. */
export class IssueList {
  #issues: Issue[] = [];

  error(code: string, path: Path, message: string): undefined {
    this.#issues.push({ severity: "error", code, path, message });
  }

  warning(code: string, path: Path, message: string): void {
    this.#issues.push({ severity: "warning", code, path, message });
  }

  info(code: string, path: Path, message: string): void {
    this.#issues.push({ severity: "info", code, path, message });
  }

  add(issues: readonly Issue[]): void {
    this.#issues = [...this.#issues, ...issues];
  }

  ok<T>(value: T): Parsed<T> {
    return { ok: true, value, issues: this.#issues };
  }

  fail(): Parsed<never> {
    return { ok: false, issues: this.#issues };
  }
}
