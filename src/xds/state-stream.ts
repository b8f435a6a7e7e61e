import { everything, type Interest, noNames, nothing } from "../distribution/interest.ts";
import type { Closed, StreamHandler } from "../grpc/method.ts";
import { status } from "../grpc/status.ts";
import type { ResourceName } from "../model/names.ts";
import type { SinkStream } from "../serving/sink-stream.ts";
import type { Feed } from "../snapshot/feed.ts";
import type { Conversation } from "./conversation.ts";
import { answered } from "./nonce.ts";
import { WILDCARD } from "./protocol.ts";
import { decodeRequest, type DiscoveryRequest } from "./request.ts";

/** One stream of `StreamAggregatedResources`: every response holds all that the client wants of a type. */
export class StateStream implements StreamHandler {
  readonly #sink: SinkStream;
  readonly #conversation: Conversation;

  constructor(sink: SinkStream, conversation: Conversation) {
    this.#sink = sink;
    this.#conversation = conversation;
  }

  message(bytes: Uint8Array): void {
    if (this.#sink.isClosed) return;
    const request = decodeRequest(bytes);
    if (request === undefined) {
      this.#sink.failed(status("Internal", "the message is not an envoy.service.discovery.v3.DiscoveryRequest"));
      return;
    }
    const feed = this.#conversation.about(request);
    if (feed === undefined) return;
    this.#sink.received(feed.collection, bytes.length);
    this.#take(feed, request);
  }

  halfClose(): void {
    this.#sink.finish();
  }

  closed(reason: Closed): void {
    this.#sink.closed(reason);
  }

  #take(feed: Feed, { names, nonce, error }: DiscoveryRequest): void {
    const state = this.#sink.session.state(feed);
    const remarks = { nonce, error };
    // The first request for a type is a subscription whatever its nonce: istiod makes one up. And who names no nonce, and
    // refuses nothing, starts over.
    if (state.phase === "dormant" || (nonce === "" && error === undefined)) {
      const interest = interestOf(names, state.phase === "dormant" ? everything : state.interest);
      this.#sink.subscribe(feed, { kind: "subscribe", interest, incremental: false, held: undefined }, remarks);
      return;
    }
    const change = { kind: "set", interest: interestOf(names, state.interest) } as const;
    const isRefusal = error !== undefined;
    const of = answered(state, nonce, isRefusal);
    this.#sink.judge(feed, { kind: isRefusal ? "nack" : "ack", nonce: of, incremental: false, change }, remarks);
  }
}

/** @param before what an empty list leaves as it is when it is everything; who has named resources takes them back with it */
function interestOf(names: readonly string[], before: Interest): Interest {
  if (names.length === 0) return before.all ? everything : nothing;
  const all = names.includes(WILDCARD);
  const named = names.filter((name) => name !== WILDCARD) as ResourceName[];
  return { all, names: named.length === 0 ? noNames : new Set(named) };
}
