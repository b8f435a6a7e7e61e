import { parseAddress, plainAddress } from "../grpc/address.ts";
import type { Metadata } from "../grpc/metadata.ts";
import type { Credentials, CredentialsVerdict, TlsSettings } from "../grpc/tls.ts";
import { type AsyncStack, opening } from "../lib/async-stack.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { type Logger, silentLogger } from "../lib/logger.ts";
import { checkNumber, LONGEST_TIMER_MS } from "../lib/number-option.ts";
import type { CollectionRegistry } from "../model/collections.ts";
import { istioCollections } from "../model/registry.ts";
import type { ListedProblem } from "../runtime/problems.ts";
import { openListener, SHUTDOWN_MS } from "../server/listener.ts";
import { createServingPath } from "../server/serving-path.ts";
import type { Source } from "../sources/source.ts";

export interface ConfigurationServerOptions {
  /**
   * Where the configuration comes from, in order of precedence; one at least, each with a name of its own. Nothing is served
   * before each has said all that it has.
   */
  readonly sources: readonly Source[];
  /** Where to listen: `host:port`, `tcp://host:port` or `unix:///path`. Port 0 is any that is free. */
  readonly address: string;
  /** Plaintext without it. With `ca` and `requestCert` whoever connects must show a certificate of that authority. */
  readonly tls?: TlsSettings;
  /** What is served; everything of Istio's APIs unless given. */
  readonly collections?: CollectionRegistry;
  /** Response headers of every MCP stream. */
  readonly metadata?: Metadata;
  /** How long a sink or client may owe an answer to a push before its stream is ended, milliseconds; for ever if 0, and unless given. */
  readonly pushDeadlineMs?: number;
  readonly log?: Logger;
  readonly clock?: Clock;
}

/**
 * A server of configuration that listens. Disposing it ends every stream with UNAVAILABLE and every source, within five
 * seconds: a source that does not end when its signal aborts is left to itself.
 */
export interface ConfigurationServer extends AsyncDisposable {
  /** `host:port` with the port that the system chose, or `unix:///path`. */
  readonly address: string;
  /** Resolves when the first snapshot is out. */
  readonly ready: Promise<void>;
  /** Open streams of sinks and clients. */
  readonly sinkCount: number;
  /** What is wrong with what the sources gave, and what is held back from clients over xDS. */
  readonly problems: readonly ListedProblem[];
  /** What new connections are shown from now on; open ones keep what they have. Unusable credentials change nothing. */
  setCredentials(credentials: Credentials): CredentialsVerdict;
}

/**
 * Serves what the sources say, over MCP and over xDS on one port, as `galley server` does with its files.
 * @throws Error when there is no source or two have one name, an option can't be used, or the address can't be listened on
 */
export function serveConfiguration(options: ConfigurationServerOptions): Promise<ConfigurationServer> {
  return opening((stack) => open(options, stack));
}

async function open(options: ConfigurationServerOptions, stack: AsyncStack): Promise<ConfigurationServer> {
  const { sources, tls, metadata = [], pushDeadlineMs = 0, log = silentLogger, clock = systemClock } = options;
  const parsed = parseAddress(options.address);
  if (!parsed.ok) throw new Error(parsed.reason);
  checkNumber("pushDeadlineMs", pushDeadlineMs, { min: 0, max: LONGEST_TIMER_MS, unit: "milliseconds" });
  checkSources(sources);

  let becomeReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });
  const path = createServingPath({
    sources,
    registry: options.collections ?? istioCollections(),
    clock,
    log,
    mcp: { headers: metadata },
    pushDeadlineMs,
    onReady: becomeReady,
  });
  const streams = stack.use(path.streams);
  const pipeline = stack.use(path.pipeline);
  const grpc = await openListener(path, {
    protocols: "all",
    address: parsed.address,
    ...(tls !== undefined && { tls }),
    log,
  });
  stack.defer(() => grpc.shutdown(SHUTDOWN_MS));
  pipeline.start();
  return {
    address: plainAddress(grpc.address),
    ready,
    get sinkCount() {
      return streams.sinkCount;
    },
    get problems() {
      return pipeline.problems.list();
    },
    setCredentials: (credentials) => grpc.setCredentials(credentials),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

/** Refuses what would never be ready, or be so with nothing, which is no configuration but the deletion of one. */
function checkSources(sources: readonly Source[]): void {
  if (sources.length === 0) {
    throw new Error("there is nothing to serve: `sources` is empty; give at least one, such as a MemorySource");
  }
  const names = new Set<string>();
  for (const { name } of sources) {
    if (names.has(name))
      throw new Error(`two sources are called ${JSON.stringify(name)}; give each a \`name\` of its own`);
    names.add(name);
  }
}
