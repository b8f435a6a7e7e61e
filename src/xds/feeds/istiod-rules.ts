import type { CollectionSpec } from "../../model/collections.ts";
import { type Problem, readPlace } from "../../model/problem.ts";
import type { Resource } from "../../model/resource.ts";
import { checkWire } from "../../wire/check-wire.ts";
import { messageOf } from "../../wire/registry.ts";
import { anyIn, nameIn, partsOf, textOf } from "../body.ts";

/** istiod keeps a version of its own under this annotation (docs/spec/xds.md, Acceptance). */
const RESERVED_ANNOTATION = "ResourceVersion";
const reserved = Buffer.from(RESERVED_ANNOTATION);

/** Why istiod would not take a resource. */
interface Objection {
  /** Stable, kebab-case, as in `Problem`. */
  readonly code: string;
  readonly message: string;
}

/** What istiod would drop without a word, found before it is sent (docs/spec/xds.md, Acceptance). */
export function judgeForIstiod(spec: CollectionSpec, resource: Resource): Problem | undefined {
  const objection = objectionTo(spec, resource);
  if (objection === undefined) return undefined;
  const { origin } = resource;
  const at = readPlace(origin.describe());
  return {
    ...objection,
    severity: "warning",
    action: "it is held back from clients over xDS",
    subject: `${spec.kind} ${resource.name}`,
    ...(at !== undefined && { at }),
    origin,
  };
}

function objectionTo(spec: CollectionSpec, { name, current }: Resource): Objection | undefined {
  if (current === undefined) {
    const message = "the API of today's Istio can't express it: see what else is said of this document";
    return { code: "not-in-todays-api", message };
  }
  const [, ownName, ...more] = name.split("/");
  if (ownName === undefined || ownName === "" || more.length > 0) {
    return { code: "no-namespace", message: "istiod drops what has no namespace: set metadata.namespace" };
  }
  const spoiled = faultIn(spec, name, current);
  if (spoiled !== undefined) return { code: "spoiled-resource", message: `istiod could not read it: ${spoiled}` };
  return isReserved(current)
    ? {
        code: "reserved-annotation",
        message: `istiod keeps the annotation ${RESERVED_ANNOTATION} for itself: remove it`,
      }
    : undefined;
}

/** Our own bytes are right by construction, but what comes from a cache or a foreign source may not be. */
function faultIn(spec: CollectionSpec, name: string, bytes: Uint8Array): string | undefined {
  try {
    const { metadata, body } = partsOf(bytes);
    if (metadata === undefined || nameIn(metadata) !== name) return "its metadata don't name it";
    if (body === undefined) return "it has no body";
    const { typeUrl, value } = anyIn(body);
    if (typeUrl !== `type.googleapis.com/${spec.message}`) return `its body is no ${spec.message}`;
    checkWire(messageOf("current", spec.message), value);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isReserved(bytes: Uint8Array): boolean {
  // Hardly any resource has it: a search through the bytes is much cheaper than reading them.
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(reserved)) return false;
  return textOf(bytes, "annotations", RESERVED_ANNOTATION) !== undefined;
}
