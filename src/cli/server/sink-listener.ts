import type { Metrics } from "../../admin/metrics/create.ts";
import { transportMetrics } from "../../admin/metrics/security.ts";
import { formatAddress } from "../../grpc/address.ts";
import type { HealthService } from "../../grpc/health.ts";
import type { Method } from "../../grpc/method.ts";
import { reflection } from "../../grpc/reflection.ts";
import { type GrpcServer, listen } from "../../grpc/server.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import { AggregatedDiscoveryService } from "../../wire/gen/envoy/service/discovery/v3/ads_pb.ts";
import { Health } from "../../wire/gen/grpc/health/v1/health_pb.ts";
import { ResourceSource } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { messageOf } from "../../wire/registry.ts";
import type { ServerValues } from "../options/table.ts";
import { listenError } from "./listen-error.ts";
import type { Security } from "./security.ts";

export interface SinkListenerDeps {
  readonly values: ServerValues;
  readonly security: Security;
  /** The methods that give configuration. */
  readonly methods: readonly Method[];
  readonly health: HealthService;
  /** The collections that are served. */
  readonly registry: CollectionRegistry;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Opens the listener of `--server-address`, for all who show who they are. @throws GalleyError when it can't be opened. */
export async function openSinkListener(deps: SinkListenerDeps): Promise<GrpcServer> {
  const { values, security, methods, health, registry, clock, metrics, log } = deps;
  const bodies = registry.all.map((spec) => messageOf(spec.mcp, spec.message).file);
  const grpc = await listen({
    address: values.serverAddress,
    ...(security.tls !== undefined && { tls: security.tls }),
    // Health and reflection tell nothing of the configuration: they are there for whoever gets as far as this.
    methods: [
      ...methods.map((method) => security.guard.wrap(method)),
      ...health.methods,
      ...reflection([ResourceSource, AggregatedDiscoveryService, Health], bodies),
    ],
    limits: {
      maxReceivedMessageBytes: values.serverMaxReceivedMessageSize,
      maxConcurrentStreams: values.serverMaxConcurrentStreams,
    },
    clock,
    log,
    observer: transportMetrics(metrics),
  }).catch((error: unknown) => {
    throw listenError(error, formatAddress(values.serverAddress), "--server-address");
  });
  security.follow(grpc);
  return grpc;
}
