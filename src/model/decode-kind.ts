import { clip } from "../wire/issue.ts";
import { suggest } from "../lib/suggest.ts";
import type { CollectionRegistry, CollectionSpec } from "./collections.ts";
import type { IssueList } from "./issue-list.ts";

/** Which collection a document feeds, if it is one of ours. */
export type KindVerdict =
  | { readonly verdict: "known"; readonly spec: CollectionSpec }
  | { readonly verdict: "ignored" }
  | { readonly verdict: "refused" };

/** Finds the collection by API group and kind, and checks the version. */
export function findKind(
  doc: Readonly<Record<string, unknown>>,
  registry: CollectionRegistry,
  known: CollectionRegistry,
  issues: IssueList,
): KindVerdict {
  const apiVersion = readText(doc, "apiVersion", "networking.istio.io/v1", issues);
  const kind = readText(doc, "kind", "VirtualService", issues);
  if (apiVersion === undefined || kind === undefined) return { verdict: "refused" };

  const slash = apiVersion.indexOf("/");
  const group = apiVersion.slice(0, Math.max(slash, 0));
  const version = apiVersion.slice(slash + 1);
  const spec = registry.forKind(group, kind);
  if (spec === undefined) {
    const excluded = known.forKind(group, kind) !== undefined;
    if (!excluded) issues.warning("unknown-kind", ["kind"], unknownKind(group, kind, known));
    return { verdict: "ignored" };
  }
  if (!spec.versions.includes(version)) {
    const accepted = spec.versions.map((each) => (group === "" ? each : `${group}/${each}`)).join(", ");
    issues.error("unknown-version", ["apiVersion"], `${kind} has no version ${clip(apiVersion)}; use ${accepted}`);
    return { verdict: "refused" };
  }
  return { verdict: "known", spec };
}

function readText(
  doc: Readonly<Record<string, unknown>>,
  key: string,
  example: string,
  issues: IssueList,
): string | undefined {
  const value = doc[key];
  if (typeof value === "string" && value !== "") return value;
  const code = key === "kind" ? "missing-kind" : "missing-api-version";
  return issues.error(code, [key], `a document must have a text as its ${key}, such as ${example}`);
}

function unknownKind(group: string, kind: string, known: CollectionRegistry): string {
  const what = `no collection is fed by kind ${clip(kind)} of ${group === "" ? "the core group" : clip(group)}`;
  const readable = known.all.filter((spec) => !spec.generated);
  const namesakes = readable.filter((spec) => spec.kind === kind);
  if (namesakes.length > 0) {
    const groups = namesakes.map((spec) => `${spec.group}${spec.group === "" ? "" : "/"}${spec.versions[0]}`);
    return `${what}, but one is by apiVersion ${groups.join(" or ")}`;
  }
  const near = suggest(
    kind,
    readable.filter((spec) => spec.group === group).map((spec) => spec.kind),
  );
  return near === undefined ? what : `${what}; did you mean ${near}?`;
}
