import type { DescFile } from "@bufbuild/protobuf";
import type { Described } from "../grpc/reflection.ts";
import type { CollectionRegistry } from "../model/collections.ts";
import { AggregatedDiscoveryService } from "../wire/gen/envoy/service/discovery/v3/ads_pb.ts";
import { Health } from "../wire/gen/grpc/health/v1/health_pb.ts";
import { ResourceSource } from "../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { type ApiGeneration, registryFor } from "../wire/registry.ts";

/** The services of a listener, and the bodies of the collections that are served over it, as far as we know them. */
export function described(protocols: "all" | "xds", registry: CollectionRegistry): Described {
  if (protocols === "all") {
    const bodies = registry.all.flatMap((spec) => fileOf(spec.mcp, spec.message));
    return { services: [ResourceSource, AggregatedDiscoveryService, Health], bodies };
  }
  const current = registry.all.filter((spec) => spec.generations.includes("current"));
  const bodies = ["istio.mcp.v1alpha1.Resource", ...current.map((spec) => spec.message)];
  return { services: [AggregatedDiscoveryService, Health], bodies: bodies.flatMap((name) => fileOf("current", name)) };
}

/** A program may serve collections of messages that are its own. */
function fileOf(generation: ApiGeneration, message: string): readonly DescFile[] {
  const file = registryFor(generation).getMessage(message)?.file;
  return file === undefined ? [] : [file];
}
