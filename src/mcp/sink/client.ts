import * as grpc from "@grpc/grpc-js";
import { Backoff, type BackoffOptions } from "../../lib/backoff.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import { sleep } from "../../lib/sleep.ts";
import { SOURCE_STREAM } from "../protocol.ts";
import type { Apply } from "./change.ts";
import { type DecodeBody, receive } from "./receive.ts";
import { type SinkNode, SinkSubscriptions, type Wish } from "./subscriptions.ts";

/** What a sink tells of its connection. */
export type SinkEvent =
  | { readonly kind: "connecting"; readonly attempt: number }
  /** The source's response headers came. */
  | { readonly kind: "connected"; readonly metadata: Readonly<Record<string, string>> }
  | { readonly kind: "acked"; readonly collection: string }
  | { readonly kind: "nacked"; readonly collection: string; readonly code: number; readonly message: string }
  /** The stream ended; the next attempt is `retryMs` away. */
  | { readonly kind: "disconnected"; readonly code: number; readonly message: string; readonly retryMs: number };

export interface SinkOptions {
  /** `host:port` of the source. */
  readonly address: string;
  readonly wishes: readonly Wish[];
  readonly apply: Apply;
  readonly decode: DecodeBody;
  /** Ends the sink. */
  readonly signal: AbortSignal;
  readonly node?: SinkNode;
  readonly credentials?: grpc.ChannelCredentials;
  readonly onEvent?: (event: SinkEvent) => void;
  readonly clock?: Clock;
  readonly backoff?: BackoffOptions;
}

const reconnect: BackoffOptions = { minMs: 1000, maxMs: 30_000, factor: 1.6, jitter: 0.5 };

/** A stream that lived this long was healthy: the next attempt starts with the shortest delay again, milliseconds. */
const HEALTHY_MS = 30_000;

/**
 * Keeps a copy of a source's collections current until the signal aborts: connects, asks, applies one change at a time,
 * answers each, and reconnects with growing, jittered delays. What was applied is resumed from, deletions included, for
 * collections that are asked for incrementally. Resolves when the signal has aborted and everything is closed.
 */
export async function runSink(options: SinkOptions): Promise<void> {
  const { signal, clock = systemClock, onEvent = () => undefined } = options;
  const subscriptions = new SinkSubscriptions(options.node ?? { id: "", annotations: {} }, options.wishes);
  const backoff = new Backoff(options.backoff ?? reconnect);
  const client = new grpc.Client(options.address, options.credentials ?? grpc.credentials.createInsecure(), {
    // Full states of large collections pass gRPC's default of 4 MiB.
    "grpc.max_receive_message_length": -1,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    // The channel must not add a back-off of its own to ours.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
  });
  try {
    for (let attempt = 1; !signal.aborted; attempt++) {
      onEvent({ kind: "connecting", attempt });
      const openedAt = clock.now();
      const end = await runStream(client, options, subscriptions, onEvent);
      if (signal.aborted) return;
      if (clock.now() - openedAt >= HEALTHY_MS) backoff.reset();
      const retryMs = backoff.next();
      onEvent({ kind: "disconnected", code: end.code, message: end.details, retryMs });
      await sleep(clock, retryMs, signal);
    }
  } finally {
    client.close();
  }
}

/** One stream, from its first request to its status. Messages are taken strictly one after the other. */
function runStream(
  client: grpc.Client,
  options: SinkOptions,
  subscriptions: SinkSubscriptions,
  onEvent: (event: SinkEvent) => void,
): Promise<grpc.StatusObject> {
  const call = client.makeBidiStreamRequest(
    SOURCE_STREAM,
    (bytes: Uint8Array) => Buffer.from(bytes),
    (bytes: Buffer) => bytes,
  );
  const cancel = (): void => call.cancel();
  options.signal.addEventListener("abort", cancel, { once: true });
  call.on("metadata", (metadata) => onEvent({ kind: "connected", metadata: textOf(metadata) }));
  call.on("error", () => undefined); // the status tells the same
  const ended = new Promise<grpc.StatusObject>((resolve) => {
    call.on("status", (status) => {
      options.signal.removeEventListener("abort", cancel);
      resolve(status);
    });
  });
  for (const request of subscriptions.initialRequests()) call.write(request);
  call.on("data", (bytes: Buffer) => {
    call.pause();
    void take(bytes, options, subscriptions, onEvent).then((answer) => {
      if (answer === undefined) call.cancel();
      else {
        call.write(answer);
        call.resume();
      }
    });
  });
  return ended;
}

/** Applies one message. Returns the answer to send; `undefined` when the peer does not speak MCP. */
async function take(
  bytes: Uint8Array,
  { apply, decode }: SinkOptions,
  subscriptions: SinkSubscriptions,
  onEvent: (event: SinkEvent) => void,
): Promise<Uint8Array | undefined> {
  const received = receive(bytes, (collection) => subscriptions.has(collection), decode);
  if (received.kind === "garbage") return undefined;
  if (received.kind === "refused") {
    onEvent({ kind: "nacked", collection: received.message.collection, ...received.refusal });
    return subscriptions.nack(received.message, received.refusal);
  }
  const { change, nonce } = received;
  try {
    await apply(change);
  } catch (error) {
    const refusal = {
      code: grpc.status.INVALID_ARGUMENT,
      message: error instanceof Error ? error.message : String(error),
    };
    onEvent({ kind: "nacked", collection: change.collection, ...refusal });
    return subscriptions.nack({ collection: change.collection, nonce }, refusal);
  }
  onEvent({ kind: "acked", collection: change.collection });
  return subscriptions.ack(change, nonce);
}

function textOf(metadata: grpc.Metadata): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.getMap()).map(([key, value]) => [key, value.toString()]));
}
