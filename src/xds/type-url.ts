import type { CollectionRegistry, CollectionSpec } from "../model/collections.ts";

/** What a type URL of MCP-over-xDS stands for. */
export type Meaning =
  | { readonly kind: "resources"; readonly spec: CollectionSpec }
  /** The mesh configuration, as its bare message. */
  | { readonly kind: "mesh-config"; readonly spec: CollectionSpec }
  /** Nothing that is served: it is answered with an empty list. */
  | { readonly kind: "unknown" };

const VERSION = /^v\d{1,4}((alpha|beta)\d{1,4})?$/u;

const MESH_CONFIG = "istio/mesh/v1alpha1/MeshConfig";

/**
 * Reads `group/version/Kind`. Any version will do: a kind holds the same messages in all versions of its group, and an empty
 * answer to a version that Istio adds one day would delete what is there.
 */
export function readTypeUrl(typeUrl: string, registry: CollectionRegistry): Meaning {
  const [group, version, kind, ...more] = typeUrl.split("/");
  if (group === undefined || version === undefined || kind === undefined || more.length > 0) return { kind: "unknown" };
  if (!VERSION.test(version)) return { kind: "unknown" };
  const mesh = registry.get(MESH_CONFIG);
  if (group === "core" && kind === "MeshConfig" && mesh !== undefined) return { kind: "mesh-config", spec: mesh };
  const spec = registry.forKind(group, kind);
  return spec?.generations.includes("current") === true ? { kind: "resources", spec } : { kind: "unknown" };
}
