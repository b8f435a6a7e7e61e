import { everything, type Interest, noNames, nothing } from "../distribution/interest.ts";
import type { ResourceName } from "../model/names.ts";
import type { SinkStream } from "../serving/sink-stream.ts";
import type { Feed } from "../snapshot/feed.ts";
import { answered } from "./nonce.ts";
import { WILDCARD } from "./protocol.ts";
import type { Dialect } from "./stream.ts";
import { decodeRequest, type DiscoveryRequest } from "./request.ts";

/** `StreamAggregatedResources`: every response holds all that the client wants of a type. */
export const stateOfTheWorld: Dialect<DiscoveryRequest> = { message: "DiscoveryRequest", decode: decodeRequest, take };

function take(sink: SinkStream, feed: Feed, { names, nonce, error }: DiscoveryRequest): void {
  const state = sink.session.state(feed);
  const remarks = { nonce, error };
  // The first request for a type is a subscription whatever its nonce: istiod makes one up. And who names no nonce, and
  // refuses nothing, starts over.
  if (state.phase === "dormant" || (nonce === "" && error === undefined)) {
    const interest = interestOf(names, state.phase === "dormant" ? everything : state.interest);
    sink.subscribe(feed, { kind: "subscribe", interest, incremental: false, held: undefined }, remarks);
    return;
  }
  const change = { kind: "set", interest: interestOf(names, state.interest) } as const;
  const isRefusal = error !== undefined;
  const of = answered(state, nonce, isRefusal);
  sink.judge(feed, { kind: isRefusal ? "nack" : "ack", nonce: of, incremental: false, change }, remarks);
}

/** @param before what an empty list leaves as it is when it is everything; who has named resources takes them back with it */
function interestOf(names: readonly string[], before: Interest): Interest {
  if (names.length === 0) return before.all ? everything : nothing;
  const all = names.includes(WILDCARD);
  const named = names.filter((name) => name !== WILDCARD) as ResourceName[];
  return { all, names: named.length === 0 ? noNames : new Set(named) };
}
