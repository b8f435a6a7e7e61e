import type { CollectionRegistry } from "../../model/collections.ts";
import type { Configuration } from "./configuration.ts";
import type { ConfigSource } from "./config-sources.ts";
import type { Istiod } from "./istiod.ts";
import type { MeshDocument } from "./mesh-document.ts";

/** Everything that is known of one istiod and what it would be fed. */
export interface Examined {
  readonly document: MeshDocument;
  readonly sources: readonly ConfigSource[];
  readonly istiod: Istiod;
  readonly registry: CollectionRegistry;
  /** Undefined where neither a folder nor a Galley was named. */
  readonly configuration: Configuration | undefined;
}

/** A config source that asks an xDS server. */
export type XdsSource = ConfigSource & { readonly address: Extract<ConfigSource["address"], { readonly kind: "xds" }> };

/** The sources that ask an xDS server, in their order. */
export function xdsSources(sources: readonly ConfigSource[]): readonly XdsSource[] {
  return sources.filter((source): source is XdsSource => source.address.kind === "xds");
}

/** Whether only the machine that istiod runs on can be meant. */
export function isLoopbackHost(host: string): boolean {
  return host === "" || host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/u.test(host);
}
