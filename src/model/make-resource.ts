import { type ResourceMetadata, encodeResource } from "../wire/encode-resource.ts";
import type { Path } from "../wire/issue.ts";
import type { ByteStore } from "../wire/slab.ts";
import type { CollectionSpec } from "./collections.ts";
import type { ResourceName, ResourceVersion } from "./names.ts";
import type { Parsed } from "./parsed.ts";
import type { Origin, Resource } from "./resource.ts";

/** What is said of a resource beside its body; an absent creation time is unknown. */
export interface ResourceParts extends Omit<ResourceMetadata, "name" | "createTime"> {
  readonly name: ResourceName;
  readonly createTime?: ResourceMetadata["createTime"];
}

/** Where issues place the body, and where the bytes are kept; exact copies unless said otherwise. */
export interface MakeOptions {
  readonly root?: Path;
  readonly store?: ByteStore | undefined;
}

/** Encodes a body, given as JSON, into a resource of a collection. Fails only when no API generation can express it. */
export function makeResource(
  spec: CollectionSpec,
  parts: ResourceParts,
  body: unknown,
  origin: Origin,
  options: MakeOptions = {},
): Parsed<Resource> {
  const metadata = { createTime: undefined, ...parts };
  const encoded = encodeResource(spec, metadata, body, options.root, options.store);
  if (!encoded.ok) return encoded;
  const { version, legacy, current, issues } = encoded;
  const value = {
    collection: spec.name,
    name: parts.name,
    version: version as ResourceVersion,
    legacy,
    current,
    origin,
  };
  return { ok: true, value, issues };
}
