import type { CollectionSpec } from "../../model/collections.ts";
import { type Problem, readPlace } from "../../model/problem.ts";
import type { Resource } from "../../model/resource.ts";
import { textOf } from "../body.ts";

/** istiod keeps a version of its own under this annotation (ADR 0013). */
const RESERVED_ANNOTATION = "ResourceVersion";
const reserved = Buffer.from(RESERVED_ANNOTATION);

/**
 * What istiod would drop without a word, found before it is sent (docs/spec/xds.md, Acceptance). Of bytes that this server
 * wrote, the type and the decoding of the body are right by construction.
 */
export function judgeForIstiod(spec: CollectionSpec, resource: Resource): Problem | undefined {
  const { name, current } = resource;
  const problem = (code: string, message: string): Problem => ({
    severity: "warning",
    code,
    message,
    action: "",
    subject: `${spec.kind} ${name}`,
    ...place(resource),
  });
  if (current === undefined) {
    return problem(
      "not-in-todays-api",
      "the API of today's Istio can't express it: see what else is said of this document",
    );
  }
  if (name.split("/").length !== 2) {
    return problem("no-namespace", "istiod drops what has no namespace: set metadata.namespace");
  }
  if (Buffer.from(current.buffer, current.byteOffset, current.byteLength).includes(reserved)) {
    if (textOf(current, "annotations", RESERVED_ANNOTATION) !== undefined) {
      return problem("reserved-annotation", `istiod keeps the annotation ${RESERVED_ANNOTATION} for itself: remove it`);
    }
  }
  return undefined;
}

function place(resource: Resource): Pick<Problem, "at"> {
  const at = readPlace(resource.origin.describe());
  return at === undefined ? {} : { at };
}
