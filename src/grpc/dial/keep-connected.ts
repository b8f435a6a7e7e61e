import { type BackoffOptions, checkBackoff } from "../../lib/backoff.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { Metadata } from "../metadata.ts";
import { codes } from "../status.ts";
import { ClientPort } from "./client-port.ts";
import { checkDialLimits, type DialLimits } from "./limits.ts";
import { orAborted } from "./or-aborted.ts";
import type { Port } from "./port.ts";
import { type AttemptEnd, reconnecting } from "./reconnect.ts";
import { ClientStream } from "./stream.ts";
import { dialTarget } from "./target.ts";
import { channelCredentials, type ClientTls, type ClientTlsSource } from "./tls.ts";

/** What becomes of a connection. */
export type ConnectionEvent =
  | { readonly kind: "connecting"; readonly attempt: number }
  /** The server's response headers came. */
  | { readonly kind: "connected"; readonly metadata: Readonly<Record<string, string>> }
  /** The stream ended; the next attempt is `retryMs` away. */
  | { readonly kind: "disconnected"; readonly code: number; readonly message: string; readonly retryMs: number };

/** Which server is dialled, and how. */
export interface ConnectionOptions {
  /** The server: `host:port`, `tcp://host:port` or `unix:///path`. */
  readonly address: string;
  /** Ends it all. */
  readonly signal: AbortSignal;
  /** Plaintext without it. */
  readonly tls?: ClientTlsSource;
  /** Request headers of every stream. */
  readonly metadata?: Metadata;
  readonly limits?: Partial<DialLimits>;
  readonly backoff?: BackoffOptions;
  readonly clock?: Clock;
}

/** What is said on the streams. */
export interface Conversation {
  /** Path of the method. */
  readonly method: string;
  /** Talks until the stream is over. Resolves with a reason to end it when what came makes no sense. */
  converse(port: Port): Promise<string | undefined>;
  /** How a stream ended. To throw ends it all. */
  ended?(end: AttemptEnd): void;
}

/**
 * Holds a conversation on one stream after the other, each on a connection of its own, with growing, jittered delays between
 * them. Resolves when the signal has aborted and every socket and timer is gone.
 * @param onEvent must not throw: that ends it all
 * @throws Error when the options can't be used
 */
export async function keepConnected(
  options: ConnectionOptions,
  conversation: Conversation,
  onEvent: (event: ConnectionEvent) => void,
): Promise<void> {
  const { address, backoff, limits, tls, clock = systemClock } = options;
  // One of its own: Node warns of a leak where a dozen things listen to one signal, as programs with many connections have them.
  const signal = AbortSignal.any([options.signal]);
  dialTarget(address);
  if (limits !== undefined) checkDialLimits(limits);
  if (backoff !== undefined) checkBackoff(backoff);
  if (typeof tls !== "function") channelCredentials(tls);
  await reconnecting(
    { clock, signal, ...(backoff !== undefined && { backoff }) },
    (attempt) => {
      onEvent({ kind: "connecting", attempt });
      return runStream({ ...options, signal }, conversation, onEvent);
    },
    ({ code, message }, retryMs) => onEvent({ kind: "disconnected", code, message, retryMs }),
  );
}

/** One stream, from its connection to the closing of its socket. */
async function runStream(
  { address, signal, metadata, limits, clock = systemClock, tls: source }: ConnectionOptions,
  conversation: Conversation,
  onEvent: (event: ConnectionEvent) => void,
): Promise<AttemptEnd> {
  const tls = await orAborted(resolveTls(source), signal);
  if (tls === undefined || signal.aborted) return stopped;
  if (!tls.ok) return tls.end;
  const { method } = conversation;
  const settings = { address, method, clock, tls: tls.settings, limits, ...(metadata !== undefined && { metadata }) };
  await using stream = new ClientStream(settings);
  const port = new ClientPort(stream, (headers) => onEvent({ kind: "connected", metadata: headers }));
  const talked = await orAborted(
    conversation.converse(port).then((reason) => ({ reason })),
    signal,
  );
  if (talked === undefined) return stopped;
  if (talked.reason !== undefined) stream.cancel(codes.Internal, talked.reason);
  const end = await port.end();
  conversation.ended?.(end);
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
