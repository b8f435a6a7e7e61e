import { type Interest, noNames } from "../distribution/interest.ts";
import type { Request, Subscribe, Subscription } from "../distribution/subscription.ts";
import type { ResourceName, ResourceVersion } from "../model/names.ts";
import type { SinkStream } from "../serving/sink-stream.ts";
import type { Feed } from "../snapshot/feed.ts";
import { Table } from "../snapshot/table.ts";
import { answered } from "./nonce.ts";
import { WILDCARD } from "./protocol.ts";
import { decodeDeltaRequest, type DeltaDiscoveryRequest, MAX_NAMES } from "./request.ts";
import { type Dialect, refuseNames } from "./stream.ts";

/** `DeltaAggregatedResources`: a response holds what changed since what the client has. */
export const delta: Dialect<DeltaDiscoveryRequest> = {
  message: "DeltaDiscoveryRequest",
  decode: decodeDeltaRequest,
  take,
};

function take(sink: SinkStream, feed: Feed, request: DeltaDiscoveryRequest): void {
  const { nonce, error } = request;
  const state = sink.session.state(feed);
  // Names that were taken back may still have to be spoken of.
  const named = state.phase === "dormant" ? 0 : Math.max(state.interest.names.size, state.doubted.size);
  if (named + request.subscribe.length > MAX_NAMES) {
    refuseNames(sink);
    return;
  }
  const judged = state.phase === "dormant" ? subscribe(request) : answer(state, request);
  // A subscription is never held up here: edits that overtook it would be lost. The number of types bounds them.
  if (judged === undefined) sink.wasUseless();
  else sink.judge(feed, judged, { nonce, error });
}

/** The first request for a type is a subscription whatever its nonce. To name nothing in it means everything. */
function subscribe({ subscribe, unsubscribe, initialVersions }: DeltaDiscoveryRequest): Subscribe {
  const wanted = setOf(subscribe);
  const unwanted = setOf(unsubscribe);
  const names = new Set([...wanted.names].filter((name) => !unwanted.names.has(name)));
  const all = (wanted.all || subscribe.length === 0) && !unwanted.all;
  return {
    kind: "subscribe",
    interest: { all, names: names.size === 0 ? noNames : names },
    incremental: true,
    held: initialVersions.size > 0 ? (initialVersions as unknown as Map<ResourceName, ResourceVersion>) : Table.empty,
  };
}

/** A further request: an answer, other wishes, or both. Without either it says nothing. */
function answer(state: Subscription, request: DeltaDiscoveryRequest): Request | undefined {
  const { subscribe, unsubscribe, nonce, error } = request;
  const isEdit = subscribe.length > 0 || unsubscribe.length > 0;
  const change = { kind: "edit", add: setOf(subscribe), drop: setOf(unsubscribe) } as const;
  if (nonce === "" && error === undefined) return isEdit ? { kind: "adjust", change } : undefined;
  return {
    kind: error === undefined ? "ack" : "nack",
    nonce: answered(state, nonce, error !== undefined),
    incremental: true,
    // What was right in a response that is refused may have been taken in all the same (envoy#32880).
    partly: true,
    ...(isEdit && { change }),
  };
}

function setOf(names: readonly string[]): Interest {
  if (names.length === 0) return { all: false, names: noNames };
  const set = new Set(names as ResourceName[]);
  return { all: set.delete(WILDCARD as ResourceName), names: set };
}
