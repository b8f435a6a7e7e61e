import { type Issue, type IssueSeverity, formatPath } from "../issue.ts";
import { describe } from "./describe.ts";
import { MAX_DEPTH, MAX_ISSUES, MAX_NODES, MAX_RESOURCE_BYTES } from "./limits.ts";
import type { FieldPlan } from "./plan.ts";
import { TooLarge, Writer } from "./writer.ts";

/** Why a walk ended early. Thrown inside `transcode/`, caught by `run`. */
class Stop extends Error {}

/** The state of one walk over one document: the bytes so far, the place, what was noticed, and how much was visited. */
export class Encoding {
  readonly bytes: Writer = new Writer();
  /** Fields of the messages being written, innermost last: scratch space of `writeFields`. */
  readonly fields: FieldPlan[] = [];
  readonly keys: string[] = [];
  top = 0;
  /** Set when something was touched that the other API generation may encode in another way. */
  diverged = false;
  #path: (string | number)[] = [];
  #depth = 0;
  #nodes = 0;
  #issues: Issue[] = [];
  #dropped = 0;
  #errors = 0;

  /** Walks: `write` appends to `bytes`. True when what it wrote is a whole message; issues may be noticed either way. */
  run(write: (out: Encoding) => void): boolean {
    this.#path = [];
    this.#depth = this.#nodes = this.#dropped = this.#errors = this.top = 0;
    this.#issues = [];
    this.diverged = false;
    const start = this.bytes.at;
    this.bytes.allow(MAX_RESOURCE_BYTES);
    try {
      write(this);
      if (this.bytes.at - start > MAX_RESOURCE_BYTES) throw new TooLarge();
    } catch (thrown) {
      if (thrown instanceof TooLarge) this.#tooLarge(`more than ${MAX_RESOURCE_BYTES} bytes once encoded`);
      else if (!(thrown instanceof Stop)) throw thrown;
    }
    return this.#errors === 0;
  }

  /** Hands over what was noticed since `run` began. */
  takeIssues(): readonly Issue[] {
    const issues = this.#issues;
    this.#issues = [];
    if (this.#dropped > 0) {
      const message = `${this.#dropped} more issues are not listed`;
      issues.push({ severity: "info", code: "more-issues", path: [], message });
    }
    return issues;
  }

  enter(part: string | number): void {
    this.#path.push(part);
  }

  leave(): void {
    this.#path.pop();
  }

  /** Counts `count` values as visited, and gives up on a document without end. */
  visit(count: number): void {
    this.#nodes += count;
    if (this.#nodes <= MAX_NODES) return;
    this.#tooLarge(`more than ${MAX_NODES} values once its aliases are unfolded`);
    throw new Stop();
  }

  /** One level down; every `descend` needs its `ascend`. */
  descend(): void {
    if (++this.#depth <= MAX_DEPTH) return;
    this.report("error", "too-deep", `is nested more than ${MAX_DEPTH} levels deep`);
    throw new Stop();
  }

  ascend(): void {
    this.#depth--;
  }

  /** Further issues that are not errors will only be counted: don't work on their wording. */
  get isFull(): boolean {
    return this.#issues.length >= MAX_ISSUES;
  }

  /** Notes something about the present place. `predicate` follows the path in a sentence: `must be a list`. */
  report(severity: IssueSeverity, code: string, predicate: string): void {
    const isError = severity === "error";
    if (isError) this.#errors++;
    // Errors have room of their own: warnings in plenty never hide why a document is refused.
    if ((isError ? this.#errors : this.#issues.length + 1) > MAX_ISSUES) {
      this.#dropped++;
      return;
    }
    const path = [...this.#path];
    this.#issues.push({ severity, code, path, message: `${formatPath(path) || "the document"} ${predicate}` });
  }

  /** Writes a text, length first, and reports one that UTF-8 can't express. */
  text(value: string): void {
    if (!this.bytes.string(value)) this.badValue("holds half of a surrogate pair, which UTF-8 can't express");
  }

  /** An error: the present value is of the wrong kind. `wanted` is such as `a list`. */
  wrongType(wanted: string, value: unknown, remedy = ""): undefined {
    this.report("error", "wrong-type", `must be ${wanted}, not ${describe(value)}${remedy && `; ${remedy}`}`);
    return undefined;
  }

  /** An error: the present value is of the right kind, but not acceptable. */
  badValue(predicate: string): undefined {
    this.report("error", "bad-value", predicate);
    return undefined;
  }

  #tooLarge(how: string): void {
    this.#path.length = 0;
    this.report("error", "too-large", `is ${how}`);
  }
}
