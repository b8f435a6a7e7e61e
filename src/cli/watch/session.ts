import { codes } from "../../grpc/status.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import { runSink, type SinkEvent } from "../../mcp/sink/client.ts";
import { bodyDecoder } from "../../mcp/sink/decode.ts";
import { InMemoryStore } from "../../mcp/sink/store.ts";
import type { SinkNode } from "../../mcp/sink/subscriptions.ts";
import type { Arrived } from "./printer.ts";

export interface WatchRequest {
  readonly address: string;
  readonly node: SinkNode;
  readonly collections: readonly string[];
  readonly incremental: boolean;
  /** Whether a collection that the source does not serve is left out, instead of ending the watch. */
  readonly tolerant: boolean;
  readonly registry: CollectionRegistry;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
  readonly arrived: (what: Arrived) => void;
  /** Every collection has come once. */
  readonly complete: () => void;
  readonly note: (event: SinkEvent) => void;
}

/** How a watch ended: `stopped` when the signal aborted it. */
export type WatchEnd = { readonly kind: "stopped" } | { readonly kind: "unsupported"; readonly collection: string };

/** Watches until stopped, and leaves out what the source does not serve if that is tolerated. */
export async function watch(request: WatchRequest): Promise<WatchEnd> {
  const store = new InMemoryStore();
  let wanted = request.collections;
  for (;;) {
    const refused = await watchThese(request, store, wanted);
    if (refused === undefined) return { kind: "stopped" };
    if (!request.tolerant) return { kind: "unsupported", collection: refused };
    wanted = wanted.filter((collection) => collection !== refused);
  }
}

/** Resolves with the collection that made the source end the stream, or with nothing when it was stopped. */
async function watchThese(
  request: WatchRequest,
  store: InMemoryStore,
  collections: readonly string[],
): Promise<string | undefined> {
  const { address, node, incremental, registry, note, wall } = request;
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, stop.signal]);
  const missing = new Set(collections.filter((collection) => store.get(collection) === undefined));
  let refused: string | undefined;
  await runSink({
    address,
    node,
    wishes: collections.map((collection) => ({ collection, incremental })),
    decode: bodyDecoder(registry),
    signal,
    apply(change) {
      const first = store.get(change.collection) === undefined;
      request.arrived({ change, effects: store.apply(change), first, at: wall() });
      if (missing.delete(change.collection) && missing.size === 0) request.complete();
    },
    onEvent(event) {
      refused = event.kind === "disconnected" ? unsupported(event) : undefined;
      if (refused !== undefined && collections.includes(refused)) stop.abort();
      else note(event);
    },
  });
  return request.signal.aborted ? undefined : refused;
}

/** The collection that a stream was ended for, from the words of the status: there is no other sign of it. */
function unsupported({ code, message }: SinkEvent & { kind: "disconnected" }): string | undefined {
  if (code !== codes.InvalidArgument) return undefined;
  return /^unsupported collection "(.*)"$/.exec(message)?.[1];
}
