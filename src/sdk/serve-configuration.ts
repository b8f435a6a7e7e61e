import { HandOut } from "../distribution/hand-out.ts";
import { silentObserver } from "../distribution/observer.ts";
import { Pacer } from "../distribution/pacer.ts";
import { parseAddress, plainAddress } from "../grpc/address.ts";
import { HealthService } from "../grpc/health.ts";
import type { Metadata } from "../grpc/metadata.ts";
import { listen } from "../grpc/server.ts";
import type { TlsSettings } from "../grpc/tls.ts";
import { type AsyncStack, opening } from "../lib/async-stack.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { type Logger, silentLogger } from "../lib/logger.ts";
import { Turns } from "../lib/turns.ts";
import { SOURCE_SERVICE } from "../mcp/protocol.ts";
import { ResponseEncoder } from "../mcp/response.ts";
import { SourceService } from "../mcp/source-service.ts";
import type { CollectionRegistry } from "../model/collections.ts";
import { istioCollections } from "../model/registry.ts";
import { silentRuntimeObserver } from "../runtime/observer.ts";
import { Pipeline } from "../runtime/pipeline.ts";
import type { ListedProblem } from "../runtime/problems.ts";
import { Hub } from "../snapshot/hub.ts";
import type { Source } from "../sources/source.ts";
import { SERVICE as ADS_SERVICE } from "../xds/protocol.ts";
import { XdsService } from "../xds/service.ts";

export interface ConfigurationServerOptions {
  /** Where the configuration comes from, in order of precedence. Nothing is served before each has said all that it has. */
  readonly sources: readonly Source[];
  /** Where to listen: `host:port`, `tcp://host:port` or `unix:///path`. Port 0 is any that is free. */
  readonly address: string;
  /** Plaintext without it. With `ca` and `requestCert` whoever connects must show a certificate of that authority. */
  readonly tls?: TlsSettings;
  /** What is served; everything of Istio's APIs unless given. */
  readonly collections?: CollectionRegistry;
  /** Response headers of every MCP stream. */
  readonly metadata?: Metadata;
  readonly log?: Logger;
  readonly clock?: Clock;
}

/** A server of configuration that listens. Disposing it ends every stream with UNAVAILABLE, within five seconds. */
export interface ConfigurationServer extends AsyncDisposable {
  /** `host:port` with the port that the system chose, or `unix:///path`. */
  readonly address: string;
  /** Resolves when the first snapshot is out. */
  readonly ready: Promise<void>;
  /** Open streams of sinks and clients. */
  readonly sinkCount: number;
  /** What is wrong with what the sources gave, and what is held back from clients over xDS. */
  readonly problems: readonly ListedProblem[];
}

/** How long streams have to end by themselves when the server stops, milliseconds. */
const SHUTDOWN_MS = 5000;

/**
 * Serves what the sources say, over MCP and over xDS on one port, as `galley server` does with its files.
 * @throws Error when the address or the TLS settings can't be used, or the address can't be listened on
 */
export function serveConfiguration(options: ConfigurationServerOptions): Promise<ConfigurationServer> {
  return opening((stack) => open(options, stack));
}

async function open(options: ConfigurationServerOptions, stack: AsyncStack): Promise<ConfigurationServer> {
  const { sources, tls, metadata = [], log = silentLogger, clock = systemClock } = options;
  const registry = options.collections ?? istioCollections();
  const parsed = parseAddress(options.address);
  if (!parsed.ok) throw new Error(parsed.reason);

  const hub = new Hub((collection) => registry.get(collection)?.snapshotGroup ?? "default");
  const turns = new Turns(clock);
  const pacer = new Pacer(clock);
  let lastId = 0;
  const common = { hub, registry, clock, turns, pacer, observer: silentObserver, nextStreamId: () => ++lastId };
  const encoder = new ResponseEncoder((collection) => registry.get(collection)!.mcp);
  const mcp = new SourceService({
    ...common,
    encode: (feed, push) => encoder.encode(feed, push),
    log: log.scope("mcp"),
    headers: metadata,
  });
  const xds = new XdsService({
    ...common,
    log: log.scope("xds"),
    report: (collection, problems) => pipeline.problems.set("xds", collection, problems),
  });
  stack.defer(() => xds[Symbol.dispose]());
  const health = new HealthService();
  let becomeReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });
  const pipeline: Pipeline = stack.use(
    new Pipeline({
      sources,
      registry,
      hub,
      clock,
      log: log.scope("source"),
      observer: silentRuntimeObserver,
      handOut: new HandOut(turns, pacer),
      onReady() {
        for (const service of ["", SOURCE_SERVICE, ADS_SERVICE]) health.set(service, "serving");
        becomeReady();
      },
    }),
  );
  const grpc = await listen({
    address: parsed.address,
    ...(tls !== undefined && { tls }),
    methods: [mcp.method, ...xds.methods, ...health.methods],
    clock,
    log,
  });
  stack.defer(() => grpc.shutdown(SHUTDOWN_MS));
  pipeline.start();
  return {
    address: plainAddress(grpc.address),
    ready,
    get sinkCount() {
      return mcp.sinkCount + xds.sinkCount;
    },
    get problems() {
      return pipeline.problems.list();
    },
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}
