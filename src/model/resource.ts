import type { Collection, ResourceName, ResourceVersion } from "./names.ts";

/** The two generations of Istio's API that are served. `1.3` is what MCP sinks speak, `current` what istiod speaks today. */
export type Generation = "1.3" | "current";

/** Where a resource comes from, for people: never part of its version. */
export interface Origin {
  /** A place that an editor opens, such as `mesh/gateway.yaml:12`. Read when shown: lines move while a file is edited. */
  describe(): string;
}

/**
 * One piece of configuration as the wire carries it. Decoded once at the edge; nothing behind the edge holds an object tree.
 *
 * The two byte fields hold a whole encoded `istio.mcp.v1alpha1.Resource` (metadata and body), one for each API generation:
 * the same array when both encode alike, `undefined` when the generation can't express the resource.
 */
export interface Resource {
  readonly collection: Collection;
  readonly name: ResourceName;
  readonly version: ResourceVersion;
  readonly legacy: Uint8Array | undefined;
  readonly current: Uint8Array | undefined;
  readonly origin: Origin;
}

/** What names a resource in the whole process. */
export interface ResourceKey {
  readonly collection: Collection;
  readonly name: ResourceName;
}

/** The bytes that a sink of this generation is sent, if it can be sent the resource at all. */
export function bytesOf(resource: Resource, generation: Generation): Uint8Array | undefined {
  return generation === "1.3" ? resource.legacy : resource.current;
}
