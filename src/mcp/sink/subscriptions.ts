import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Resources } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { RequestResourcesSchema, SinkNodeSchema } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import type { Change } from "./change.ts";

/** A collection that a sink wants. */
export interface Wish {
  readonly collection: string;
  /** Ask for deltas, and resume with what is held after a reconnect. */
  readonly incremental: boolean;
}

/** How a sink names itself to sources; not authenticated. */
export interface SinkNode {
  readonly id: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Why a sink refuses a push: a gRPC code and a text for people. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

/** Requests larger than this may be refused by the source (1 MiB at Galley 1.3.6), so a resume that would be is not tried, bytes. */
const MAX_RESUME_BYTES = 1_000_000;

/**
 * What a sink holds of each collection it wants, over all streams of its life, and the requests that follow from it.
 * No I/O: the stream around it sends what these functions return.
 */
export class SinkSubscriptions {
  readonly #node: SinkNode;
  readonly #wishes: ReadonlyMap<string, Wish>;
  readonly #held = new Map<string, Map<string, string>>();

  constructor(node: SinkNode, wishes: readonly Wish[]) {
    this.#node = node;
    this.#wishes = new Map(wishes.map((wish) => [wish.collection, wish]));
    for (const wish of wishes) this.#held.set(wish.collection, new Map());
  }

  has(collection: string): boolean {
    return this.#wishes.has(collection);
  }

  /** Names and versions held of a collection. */
  held(collection: string): ReadonlyMap<string, string> {
    return this.#held.get(collection) ?? new Map<string, string>();
  }

  /** What a stream begins with: one request for each collection, naming what is held where deltas are asked for. */
  initialRequests(): Uint8Array[] {
    return [...this.#wishes.values()].map(({ collection, incremental }) => {
      const base = { collection, incremental };
      if (!incremental) return this.#encode(base);
      const resume = this.#encode({ ...base, initialResourceVersions: Object.fromEntries(this.held(collection)) });
      return resume.length <= MAX_RESUME_BYTES ? resume : this.#encode(base);
    });
  }

  /** The change was taken in: it counts as held, and this is its ACK. */
  ack(change: Change, nonce: string): Uint8Array {
    this.#record(change);
    const { collection } = change;
    return this.#encode({
      collection,
      responseNonce: nonce,
      incremental: this.#wishes.get(collection)?.incremental ?? false,
    });
  }

  /** A NACK. It never asks for deltas, so what follows it is everything: a sink that refused may be in any state. */
  nack(message: Pick<Resources, "collection" | "nonce">, refusal: Refusal): Uint8Array {
    return this.#encode({ collection: message.collection, responseNonce: message.nonce, errorDetail: refusal });
  }

  #record(change: Change): void {
    const held = this.#held.get(change.collection)!;
    if (!change.incremental) held.clear();
    for (const { name, version } of change.resources) held.set(name, version);
    for (const name of change.removed) held.delete(name);
  }

  #encode(request: MessageInitShape<typeof RequestResourcesSchema>): Uint8Array {
    const sinkNode = { id: this.#node.id, annotations: { ...this.#node.annotations } };
    return toBinary(RequestResourcesSchema, {
      ...create(RequestResourcesSchema, request),
      sinkNode: create(SinkNodeSchema, sinkNode),
    });
  }
}
