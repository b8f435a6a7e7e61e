import type { Metrics } from "../../admin/metrics/create.ts";
import { transportMetrics } from "../../admin/metrics/security.ts";
import { formatAddress } from "../../grpc/address.ts";
import type { GrpcServer } from "../../grpc/server.ts";
import type { Logger } from "../../lib/logger.ts";
import { openListener } from "../../server/listener.ts";
import type { ServingPath } from "../../server/serving-path.ts";
import type { ServerValues } from "../options/table.ts";
import { listenError } from "./listen-error.ts";
import type { Security } from "./security.ts";

export interface SinkListenerDeps {
  readonly path: ServingPath;
  readonly values: ServerValues;
  readonly security: Security;
  readonly maxConnections: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Opens the listener of `--server-address`, for all who show who they are. @throws GalleyError when it can't be opened. */
export async function openSinkListener(deps: SinkListenerDeps): Promise<GrpcServer> {
  const { path, values, security, maxConnections, metrics, log } = deps;
  const grpc = await openListener(path, {
    protocols: "all",
    address: values.serverAddress,
    ...(security.tls !== undefined && { tls: security.tls }),
    guard: security.guard,
    limits: {
      maxConnections,
      maxReceivedMessageBytes: values.serverMaxReceivedMessageSize,
      maxConcurrentStreams: values.serverMaxConcurrentStreams,
    },
    log,
    observer: transportMetrics(metrics),
  }).catch((error: unknown) => {
    throw listenError(error, formatAddress(values.serverAddress), "--server-address");
  });
  security.follow(grpc, path.pipeline.problems);
  return grpc;
}
