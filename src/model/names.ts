import type { Brand } from "../lib/brand.ts";

/** Id of a homogeneous set of resources, such as `istio/networking/v1alpha3/gateways`. Case-sensitive. */
export type Collection = Brand<string, "Collection">;

/** `namespace/name`, or just `name` for what is cluster-scoped or has no namespace. Unique in its collection. */
export type ResourceName = Brand<string, "ResourceName">;

/** Content hash of one resource: equal content means equal version, on every replica and after every restart. */
export type ResourceVersion = Brand<string, "ResourceVersion">;

/** Content hash of a whole collection; `"0"` is the empty collection. Compared by equality only. */
export type CollectionVersion = Brand<string, "CollectionVersion">;

/** Longest name part accepted, in characters: what Kubernetes allows for a DNS subdomain. */
export const MAX_NAME_PART = 253;

/** Joins the parts of a name; `undefined` when a part can't stand in one (empty, a slash, a control character, too long). */
export function resourceName(namespace: string | undefined, name: string): ResourceName | undefined {
  if (!isNamePart(name)) return undefined;
  if (namespace === undefined || namespace === "") return name as ResourceName;
  return isNamePart(namespace) ? (`${namespace}/${name}` as ResourceName) : undefined;
}

/** Splits at the first slash; without one the namespace is empty. */
export function splitName(name: ResourceName): { readonly namespace: string; readonly name: string } {
  const slash = name.indexOf("/");
  return slash < 0 ? { namespace: "", name } : { namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}

// Anything printable without a slash or white space: 1.3.6 took upper case and underscores from files, so do we.
const namePart = /^[^\s/\p{Cc}]+$/u;

function isNamePart(part: string): boolean {
  return part.length <= MAX_NAME_PART && namePart.test(part);
}
