import type { Method } from "../grpc/method.ts";
import { reflection } from "../grpc/reflection.ts";
import type { CollectionRegistry } from "../model/collections.ts";

/** Reflection of what a listener offers, with the bodies of the collections that are served over it, as far as we know them. */
export function reflected(protocols: "all" | "xds", registry: CollectionRegistry): readonly Method[] {
  return reflection(async () => (await import("./described.ts")).described(protocols, registry));
}
