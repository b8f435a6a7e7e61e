import { clip, formatPath } from "../wire/issue.ts";
import { describe, isPlainObject } from "../wire/transcode/describe.ts";
import { type Instant, parseTimestamp } from "../wire/transcode/timestamp.ts";
import type { CollectionSpec } from "./collections.ts";
import type { IssueList } from "./issue-list.ts";
import type { ResourceParts } from "./make-resource.ts";
import { MAX_NAME_PART, resourceName } from "./names.ts";

type Texts = Readonly<Record<string, string>>;

const none: Texts = Object.freeze({});

/** Reads what Galley serves of Kubernetes object metadata; everything else in it is passed over. */
export function readMetadata(metadata: unknown, spec: CollectionSpec, issues: IssueList): ResourceParts | undefined {
  if (!isPlainObject(metadata)) {
    return issues.error(
      "missing-metadata",
      ["metadata"],
      "a document must have metadata: an object with at least a name",
    );
  }
  const name = readName(metadata, spec, issues);
  const labels = readTexts(metadata, "labels", issues);
  const annotations = readTexts(metadata, "annotations", issues);
  const createTime = readCreationTime(metadata["creationTimestamp"], issues);
  if (name === undefined || labels === undefined || annotations === undefined || createTime === "invalid")
    return undefined;
  return { name, labels, annotations, createTime };
}

function readName(metadata: Readonly<Record<string, unknown>>, spec: CollectionSpec, issues: IssueList) {
  const name = metadata["name"];
  if (name === undefined || name === null || name === "") {
    return issues.error("missing-name", ["metadata", "name"], "metadata.name must say what the resource is called");
  }
  const namespace = metadata["namespace"] ?? "";
  if (typeof name !== "string") return wrongType(["metadata", "name"], name, issues);
  if (typeof namespace !== "string") return wrongType(["metadata", "namespace"], namespace, issues);
  if (spec.clusterScoped && namespace !== "") {
    const message = `metadata.namespace is ignored: a ${spec.kind} belongs to the whole cluster`;
    issues.info("namespace-ignored", ["metadata", "namespace"], message);
  }
  const full = resourceName(spec.clusterScoped ? "" : namespace, name);
  if (full !== undefined) return full;
  const which = resourceName("", name) === undefined ? "name" : "namespace";
  const text = which === "name" ? name : namespace;
  const law = `at most ${MAX_NAME_PART} characters, without slashes, blanks and control characters`;
  return issues.error("bad-name", ["metadata", which], `metadata.${which} is ${clip(text)}, but must be ${law}`);
}

function wrongType(path: readonly string[], value: unknown, issues: IssueList): undefined {
  const remedy = typeof value === "number" || typeof value === "boolean" ? "; put it in quotes" : "";
  return issues.error("wrong-type", path, `${formatPath(path)} must be a text, not ${describe(value)}${remedy}`);
}

/** Labels or annotations: an object of texts, absent or null for none. */
function readTexts(metadata: Readonly<Record<string, unknown>>, key: string, issues: IssueList): Texts | undefined {
  const texts = metadata[key];
  if (texts === undefined || texts === null) return none;
  const path = ["metadata", key];
  if (!isPlainObject(texts)) {
    return issues.error("wrong-type", path, `${formatPath(path)} must be an object of texts, not ${describe(texts)}`);
  }
  for (const name of Object.keys(texts)) {
    if (typeof texts[name] !== "string") return wrongType([...path, name], texts[name], issues);
  }
  return texts as Texts;
}

function readCreationTime(value: unknown, issues: IssueList): Instant | undefined | "invalid" {
  if (value === undefined || value === null) return undefined;
  // Some YAML schemas make a date of an unquoted time.
  const text = value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value;
  const time = typeof text === "string" ? parseTimestamp(text) : undefined;
  if (time !== undefined) return time;
  const message = `metadata.creationTimestamp must be a time such as "2020-01-31T12:00:00Z", not ${describe(value)}`;
  issues.error("bad-value", ["metadata", "creationTimestamp"], message);
  return "invalid";
}
