import { clip } from "../wire/issue.ts";
import { suggest } from "../lib/suggest.ts";
import type { Path } from "../wire/issue.ts";
import type { CollectionSpec } from "./collections.ts";
import type { IssueList } from "./issue-list.ts";

/** The part of a document that is encoded, and where it stands. */
export interface Body {
  readonly value: unknown;
  readonly root: Path;
}

const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const INGRESS_CLASS = "istio";

/** Finds the body of a document; `undefined` for an Ingress that is another controller's. */
export function bodyOf(
  spec: CollectionSpec,
  doc: Readonly<Record<string, unknown>>,
  annotations: Readonly<Record<string, string>>,
  issues: IssueList,
): Body | undefined {
  if (isWhole(spec)) {
    const { apiVersion: _apiVersion, kind: _kind, ...rest } = doc;
    return { value: rest, root: [] };
  }
  if (spec.kind === "Ingress" && annotations[CLASS_ANNOTATION] !== INGRESS_CLASS) {
    const message = `an Ingress is read only with the annotation ${CLASS_ANNOTATION}: ${INGRESS_CLASS}`;
    issues.info("ingress-class", ["metadata", "annotations"], message);
    return undefined;
  }
  reportStrays(Object.keys(doc), issues);
  return { value: doc["spec"], root: ["spec"] };
}

// Written by the API server and by controllers; never part of what is served.
const topLevel = new Set(["apiVersion", "kind", "metadata", "spec", "status"]);

/** Sinks take these two whole, metadata included, and everything else as its spec. */
function isWhole(spec: CollectionSpec): boolean {
  return spec.group === "" && (spec.kind === "Pod" || spec.kind === "Endpoints");
}

/** Unknown fields at the top of a document that are named one by one; what has more of them is no such document at all. */
const MAX_NAMED = 10;

function reportStrays(keys: readonly string[], issues: IssueList): void {
  const strays = keys.filter((key) => !topLevel.has(key));
  for (const key of strays.slice(0, MAX_NAMED)) reportStray(key, issues);
  const more = strays.length - MAX_NAMED;
  if (more <= 0) return;
  const message = `${more} more unknown ${more === 1 ? "field stands" : "fields stand"} beside spec`;
  issues.warning("unknown-field", [strays[MAX_NAMED]!], message);
}

function reportStray(key: string, issues: IssueList): void {
  const near = suggest(key, ["spec", "metadata"]);
  const remedy = near === undefined ? "everything to be served stands under spec" : `did you mean ${near}?`;
  issues.warning("unknown-field", [key], `${clip(key)} is an unknown field; ${remedy}`);
}
