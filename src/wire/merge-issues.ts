import { type Issue, type Path, formatPath } from "./issue.ts";
import type { ApiGeneration } from "./registry.ts";

/** What one generation made of a document. */
export interface Attempt {
  readonly encoded: boolean;
  readonly issues: readonly Issue[];
}

/**
 * What to say of a document that both API generations were asked to encode.
 *
 * A field that neither knows is unknown; one that only one knows is worth knowing. An error that only one generation makes
 * is a gap of that generation when the other took the same value, and the other's sinks are served; otherwise nobody takes
 * the value, and the document is refused.
 */
export function mergeIssues(
  legacy: Attempt,
  current: Attempt,
): { readonly issues: readonly Issue[]; readonly failed: boolean } {
  const nobodyServed = !legacy.encoded && !current.encoded;
  const merged = new Map<string, Issue>();
  const add = (issue: Issue): void => {
    // One word on a field that only one generation knows, however many items of a list have it.
    const once = issue.code.startsWith("field-not-in-");
    const key = `${issue.code} ${JSON.stringify(once ? issue.path.map(anyIndex) : issue.path)}`;
    if (!merged.has(key)) merged.set(key, issue);
  };
  // Today's first: where both say the same, its suggestions are the better ones.
  for (const issue of current.issues) add(compare(issue, "current", legacy, nobodyServed));
  for (const issue of legacy.issues) add(compare(issue, "1.3", current, nobodyServed));
  const issues = [...merged.values()];
  const failed = nobodyServed || issues.some((issue) => issue.severity === "error");
  // What nobody is sent, nobody is sent without a field.
  return { issues: failed ? issues.filter((issue) => !issue.code.startsWith("field-not-in-")) : issues, failed };
}

/** The issue that `generation` raised, in the light of what the other one made of the same document. */
function compare(issue: Issue, generation: ApiGeneration, other: Attempt, nobodyServed: boolean): Issue {
  const otherIgnores = other.issues.some(({ code, path }) => code === "unknown-field" && isPrefix(path, issue.path));
  const place = formatPath(issue.path);
  if (issue.code === "unknown-field" && !otherIgnores) {
    const message = `${place} is not in ${apiName[generation]}: its sinks are sent the resource without it`;
    return { severity: "info", code: `field-not-in-${generation}`, path: issue.path, message };
  }
  if (issue.severity === "error" && !otherIgnores && !nobodyServed) {
    const message = `${place} has a value that ${apiName[generation]} lacks: its sinks are not sent this resource`;
    return { severity: "warning", code: `not-in-${generation}`, path: issue.path, message };
  }
  return issue;
}

const apiName: Readonly<Record<ApiGeneration, string>> = {
  "1.3": "the API of Istio 1.3",
  current: "today's Istio API",
};

const anyIndex = (part: string | number): string | number => (typeof part === "number" ? 0 : part);

function isPrefix(prefix: Path, path: Path): boolean {
  return prefix.length <= path.length && prefix.every((part, i) => part === path[i]);
}
