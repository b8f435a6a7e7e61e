import type { Metadata } from "../../grpc/metadata.ts";
import { codes } from "../../grpc/status.ts";
import type { BackoffOptions } from "../../lib/backoff.ts";
import { systemClock } from "../../lib/clock.ts";
import type { DialLimits } from "../dial/limits.ts";
import { orAborted } from "../dial/or-aborted.ts";
import { type AttemptEnd, reconnecting } from "../dial/reconnect.ts";
import { ClientStream } from "../dial/stream.ts";
import { dialTarget } from "../dial/target.ts";
import { channelCredentials, type ClientTls, type ClientTlsSource } from "../dial/tls.ts";
import { SOURCE_STREAM } from "../protocol.ts";
import { ClientPort } from "./client-port.ts";
import { type Answered, Exchange } from "./exchange.ts";
import type { SinkSettings } from "./settings.ts";
import { UnsupportedCollectionError, unsupportedIn } from "./unsupported.ts";

/** What a sink tells of its connection. */
export type SinkEvent =
  | { readonly kind: "connecting"; readonly attempt: number }
  /** The source's response headers came. */
  | { readonly kind: "connected"; readonly metadata: Readonly<Record<string, string>> }
  /** What became of a push. */
  | Answered
  /** The stream ended; the next attempt is `retryMs` away. */
  | { readonly kind: "disconnected"; readonly code: number; readonly message: string; readonly retryMs: number };

export interface SinkOptions extends SinkSettings {
  /** The source: `host:port`, `tcp://host:port` or `unix:///path`. */
  readonly address: string;
  /** Ends the sink. */
  readonly signal: AbortSignal;
  /** Plaintext without it. */
  readonly tls?: ClientTlsSource;
  /** Request headers of every stream. */
  readonly metadata?: Metadata;
  /** Told of what happens, as it happens. Must not throw: that ends the sink. */
  readonly onEvent?: (event: SinkEvent) => void;
  /**
   * What a source that doesn't serve a collection leads to: it ends the whole stream for it. `throw` (the default) takes it
   * for a mistake and ends the sink; `retry` keeps asking, for sources that are about to be upgraded.
   */
  readonly whenUnsupported?: "throw" | "retry";
  readonly limits?: Partial<DialLimits>;
  readonly backoff?: BackoffOptions;
}

/**
 * Keeps a copy of a source's collections current until the signal aborts: connects, asks, applies one change at a time,
 * answers each, and reconnects with growing, jittered delays. A reconnect waits for an `apply` that still runs.
 *
 * Resolves when the signal has aborted and every socket and timer is gone. An `apply` that runs at that moment is told by
 * its signal, and not waited for.
 * @throws UnsupportedCollectionError when the source does not serve a collection (see `whenUnsupported`); Error when the
 * options can't be used.
 */
export async function runSink(options: SinkOptions): Promise<void> {
  const { address, signal, backoff, tls, clock = systemClock, onEvent = () => undefined } = options;
  dialTarget(address);
  if (typeof tls !== "function") channelCredentials(tls);
  const exchange = new Exchange(options, onEvent);
  await reconnecting(
    { clock, signal, ...(backoff === undefined ? {} : { backoff }) },
    (attempt) => {
      onEvent({ kind: "connecting", attempt });
      return runStream(options, exchange, onEvent);
    },
    (end, retryMs) => {
      onEvent({ kind: "disconnected", code: end.code, message: end.message, retryMs });
    },
  );
}

/** One stream, from its connection to the closing of its socket. */
async function runStream(
  options: SinkOptions,
  exchange: Exchange,
  onEvent: (event: SinkEvent) => void,
): Promise<AttemptEnd> {
  const { signal } = options;
  const tls = await orAborted(resolveTls(options.tls), signal);
  if (tls === undefined || signal.aborted) return stopped;
  if (!tls.ok) return tls.end;
  await using stream = new ClientStream({
    address: options.address,
    method: SOURCE_STREAM,
    clock: options.clock ?? systemClock,
    tls: tls.settings,
    limits: options.limits,
    ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
  });
  const port = new ClientPort(stream, (metadata) => onEvent({ kind: "connected", metadata }));
  const ended = await orAborted(exchange.converse(port), signal);
  if (ended === undefined) return stopped;
  if (ended === "garbage") stream.cancel(codes.Internal, "the source sent a message that is not of MCP");
  const end = await port.end();
  const collection = unsupportedIn(end.code, end.message);
  if (collection !== undefined && exchange.wants(collection) && options.whenUnsupported !== "retry") {
    throw new UnsupportedCollectionError(options.address, collection);
  }
  return end;
}

const stopped: AttemptEnd = { code: codes.Canceled, message: "stopped", aliveMs: 0 };

type ResolvedTls =
  | { readonly ok: true; readonly settings: ClientTls | undefined }
  | { readonly ok: false; readonly end: AttemptEnd };

/** Files that are not there yet, or are just being replaced, are a reason to try again later. */
async function resolveTls(source: ClientTlsSource | undefined): Promise<ResolvedTls> {
  if (typeof source !== "function") return { ok: true, settings: source };
  try {
    const settings = await source();
    channelCredentials(settings);
    return { ok: true, settings };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, end: { code: codes.Unavailable, message: `no TLS credentials: ${why}`, aliveMs: 0 } };
  }
}
