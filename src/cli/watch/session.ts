import type { CollectionRegistry } from "../../model/collections.ts";
import type { ClientTlsSource } from "../../mcp/dial/tls.ts";
import { runSink, type SinkEvent } from "../../mcp/sink/client.ts";
import { istioBodies } from "../../mcp/sink/bodies.ts";
import type { SinkNode } from "../../mcp/sink/requests.ts";
import { InMemoryStore } from "../../mcp/sink/store.ts";
import { UnsupportedCollectionError } from "../../mcp/sink/unsupported.ts";
import type { Arrived } from "./printer.ts";

export interface WatchRequest {
  readonly address: string;
  /** Plaintext without it. */
  readonly tls: ClientTlsSource | undefined;
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
  const { address, tls, node, incremental, registry, signal, note, wall } = request;
  const missing = new Set(collections.filter((collection) => store.get(collection) === undefined));
  try {
    await runSink({
      address,
      ...(tls === undefined ? {} : { tls }),
      node,
      collections,
      incremental,
      held: store.versions,
      bodies: istioBodies(registry),
      signal,
      apply(change) {
        const first = store.get(change.collection) === undefined;
        request.arrived({ change, effects: store.apply(change), first, at: wall() });
        if (missing.delete(change.collection) && missing.size === 0) request.complete();
      },
      onEvent: note,
    });
    return undefined;
  } catch (error) {
    if (error instanceof UnsupportedCollectionError) return error.collection;
    throw error;
  }
}
