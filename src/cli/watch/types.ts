import type { CollectionRegistry, CollectionSpec } from "../../model/collections.ts";
import { kindsFrom30, MESH_CONFIG_URL } from "../../xds/releases-kinds.ts";
import { readTypeUrl } from "../../xds/type-url.ts";
import { findCollections, type Meant } from "./collections.ts";
import type { KindOf } from "./printer.ts";

/** What is watched over xDS when nothing is named: all that an istiod of today asks for, in its order. */
export const defaultTypes: readonly string[] = [MESH_CONFIG_URL, ...kindsFrom30];

/**
 * Finds type URLs by what collections are found by (`findCollections`): their kind (`VirtualService`, any case), the end of a
 * collection's name (`gateways`), all of it, or a prefix of several. A type URL itself is passed on as it is, known or not.
 */
export function findTypes(word: string, registry: CollectionRegistry): Meant {
  if (isTypeUrl(word, registry)) return { ok: true, names: [word] };
  const meant = findCollections(word, registry);
  if (!meant.ok) return { ok: false, candidates: meant.candidates.flatMap((name) => typeUrlOf(name, registry) ?? []) };
  const names = meant.names.flatMap((name) => typeUrlOf(name, registry) ?? []);
  return names.length > 0 ? { ok: true, names } : { ok: false, candidates: [] };
}

/** Kinds that are served over xDS, for those who mistype one. */
export function kindsOverXds(registry: CollectionRegistry): readonly string[] {
  return registry.all
    .filter((spec) => specUrl(spec) !== undefined)
    .flatMap(({ name, kind, plural }) => [kind || name.slice(name.lastIndexOf("/") + 1), plural]);
}

/** How documents of a type begin; those of types without a kind in their URL are told by their body alone. */
export const kindOfType: KindOf = (typeUrl, bodyTypeUrl) => {
  const slash = typeUrl.lastIndexOf("/");
  const group = typeUrl.slice(0, slash);
  return group.includes("/")
    ? { apiVersion: group, kind: typeUrl.slice(slash + 1) }
    : { apiVersion: "v1", kind: bodyTypeUrl.split(".").at(-1) ?? "" };
};

/** API groups and `type.googleapis.com` have a dot; the names of collections begin without one. */
function isTypeUrl(word: string, registry: CollectionRegistry): boolean {
  return readTypeUrl(word, registry).kind !== "unknown" || /^[^/]+\.[^/]+\/./u.test(word);
}

function typeUrlOf(collection: string, registry: CollectionRegistry): string | undefined {
  const spec = registry.get(collection);
  return spec === undefined ? undefined : specUrl(spec);
}

/** The URL under which an istiod of today asks for the kind, or else one of its newest version. */
function specUrl({ group, kind, message, versions, generations }: CollectionSpec): string | undefined {
  if (message === "istio.mesh.v1alpha1.MeshConfig") return MESH_CONFIG_URL;
  if (kind === "" || group === "" || !generations.includes("current")) return undefined;
  const known = kindsFrom30.find((url) => url.startsWith(`${group}/`) && url.endsWith(`/${kind}`));
  return known ?? `${group}/${versions[0] ?? "v1"}/${kind}`;
}
