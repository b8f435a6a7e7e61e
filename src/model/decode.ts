import { isPlainObject } from "../wire/transcode/describe.ts";
import type { ByteStore } from "../wire/slab.ts";
import type { CollectionRegistry, CollectionSpec } from "./collections.ts";
import { bodyOf } from "./decode-body.ts";
import { findKind } from "./decode-kind.ts";
import { readMetadata } from "./decode-metadata.ts";
import { IssueList } from "./issue-list.ts";
import { makeResource } from "./make-resource.ts";
import type { Parsed } from "./parsed.ts";
import type { Origin, Resource } from "./resource.ts";

export interface DecodeOptions {
  /** All that could be known: kinds of this registry that are not in the other are passed over without a word. */
  readonly known?: CollectionRegistry | undefined;
  /** Where the bytes are kept; exact copies unless said otherwise. */
  readonly store?: ByteStore | undefined;
}

/**
 * Decodes one document, a Kubernetes object as parsers of JSON and YAML give it, into a resource.
 *
 * The value is `undefined` for a document that is not for Galley: an empty one, an unknown or excluded kind, an Ingress of
 * another class. Any value gets a verdict; nothing is thrown, and time and memory are bounded whatever its aliases unfold to.
 */
export function decodeDocument(
  doc: unknown,
  registry: CollectionRegistry,
  origin: Origin,
  options: DecodeOptions = {},
): Parsed<Resource | undefined> {
  if (doc === null || doc === undefined) return { ok: true, value: undefined, issues: [] };
  const issues = new IssueList();
  if (!isPlainObject(doc)) {
    issues.error("not-an-object", [], "a document must be an object with apiVersion, kind, metadata and spec");
    return issues.fail();
  }
  const kind = findKind(doc, registry, options.known ?? registry, issues);
  if (kind.verdict !== "known") return kind.verdict === "ignored" ? issues.ok(undefined) : issues.fail();
  return decodeAs(kind.spec, doc, origin, options.store, issues);
}

function decodeAs(
  spec: CollectionSpec,
  doc: Readonly<Record<string, unknown>>,
  origin: Origin,
  store: ByteStore | undefined,
  issues: IssueList,
): Parsed<Resource | undefined> {
  const parts = readMetadata(doc["metadata"], spec, issues);
  if (parts === undefined) return issues.fail();
  const body = bodyOf(spec, doc, parts.annotations, issues);
  if (body === undefined) return issues.ok(undefined);
  const made = makeResource(spec, parts, body.value, origin, { root: body.root, store });
  if (made.issues.length > 0) issues.add(made.issues);
  return made.ok ? issues.ok(made.value) : issues.fail();
}
