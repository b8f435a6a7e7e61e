import { parseAddress, plainAddress } from "../../grpc/address.ts";
import { defaultLimits } from "../../grpc/limits.ts";
import { listen } from "../../grpc/server.ts";
import type { TlsSettings } from "../../grpc/tls.ts";
import { systemClock } from "../../lib/clock.ts";
import { type Logger, silentLogger } from "../../lib/logger.ts";
import { checkNumber } from "../../lib/number-option.ts";
import { defaultDialLimits, messageSizes } from "../../grpc/dial/limits.ts";
import { SinkService, type SinkServiceOptions } from "./service.ts";

export interface SinkServerOptions extends SinkServiceOptions {
  /** Where to listen: `host:port` or `unix:///path`. Port 0 lets the system choose. */
  readonly address: string;
  /** Plaintext without it. With `requestCert` and `ca`, sources must prove themselves. */
  readonly tls?: TlsSettings;
  /** Longest message that is taken, bytes; 256 MiB unless given. */
  readonly maxReceivedMessageBytes?: number;
  readonly log?: Logger;
}

/** A sink that listens. Disposing it ends its streams with UNAVAILABLE and resolves when all is closed. */
export interface SinkServer extends AsyncDisposable {
  /** `host:port` with the port that the system chose, or `unix:///path`. */
  readonly address: string;
  readonly service: SinkService;
}

/** Time for the end of streams to reach their sources, milliseconds. */
const SHUTDOWN_MS = 500;

/**
 * Listens for sources and lets them feed a sink.
 * @throws Error when the options can't be used, or the address can't be listened on.
 */
export async function serveSink(options: SinkServerOptions): Promise<SinkServer> {
  const { tls, log = silentLogger, clock = systemClock } = options;
  const { maxReceivedMessageBytes = defaultDialLimits.maxReceivedMessageBytes } = options;
  checkNumber("maxReceivedMessageBytes", maxReceivedMessageBytes, messageSizes);
  const parsed = parseAddress(options.address);
  if (!parsed.ok) throw new Error(parsed.reason);
  const service = new SinkService(options);
  const server = await listen({
    address: parsed.address,
    methods: [service.method],
    limits: {
      maxReceivedMessageBytes,
      // A connection has one stream here, so what may be unfinished on it is one message.
      maxHeldBytes: maxReceivedMessageBytes,
      maxHeldTogetherBytes: Math.max(defaultLimits.maxHeldTogetherBytes, 2 * maxReceivedMessageBytes),
      maxConcurrentStreams: 16,
    },
    clock,
    log,
    ...(tls === undefined ? {} : { tls }),
  });
  return {
    address: plainAddress(server.address),
    service,
    [Symbol.asyncDispose]: () => server.shutdown(SHUTDOWN_MS),
  };
}
