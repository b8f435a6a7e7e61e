import { moment } from "../json.ts";
import type { JsonObject } from "../json.ts";
import type { Entry, Listing } from "../listing.ts";
import type { HoldingView, SinkView, SinksView } from "./sinks.ts";

/**
 * How a sink is doing. `refused`: it would not take what is published now of some collection. `behind`: it has not yet
 * acknowledged all that is published now. `synced`: neither.
 */
export type SinkState = "refused" | "behind" | "synced";

/** The states, worst first. */
export const sinkStates: readonly SinkState[] = ["refused", "behind", "synced"];

/** A sink, judged over all collections that it subscribed to. */
export interface JudgedSink {
  readonly sink: SinkView;
  readonly state: SinkState;
  /** How many of its collections it has as they are published now, and of how many it refused that. */
  readonly synced: number;
  readonly refused: number;
  /** Where it is worst: the first collection that it refused, else the one that it owes an answer to for the longest time. */
  readonly worst: HoldingView | undefined;
}

/** Judges a sink by what it holds now. */
export function judge(sink: SinkView): JudgedSink {
  let synced = 0;
  let refused = 0;
  let worst: HoldingView | undefined;
  for (const holding of sink.collections) {
    const state = holdingState(holding);
    if (state === "synced") {
      synced++;
      continue;
    }
    if (state === "refused") refused++;
    if (worst === undefined || isWorse(holding, worst)) worst = holding;
  }
  return { sink, state: worst === undefined ? "synced" : holdingState(worst), synced, refused, worst };
}

/** The state of a single collection at a sink. A refusal is past once the sink has what is published now all the same. */
export function holdingState({ synced, nacked }: HoldingView): SinkState {
  if (synced) return "synced";
  return nacked === undefined ? "behind" : "refused";
}

/** Sinks in the order in which they came, a short entry each; `state` limits the list to those in that state. */
export function sinkStateListing(view: SinksView, state: SinkState | undefined): Listing {
  const judged = function* (after: string | undefined): Iterable<JudgedSink> {
    const last = after === undefined ? -1 : Number(after);
    for (const sink of view.sinks()) {
      if (sink.id <= last) continue;
      const verdict = judge(sink);
      if (state === undefined || verdict.state === state) yield verdict;
    }
  };
  return {
    get count(): number {
      if (state === undefined) return view.sinkCount;
      let count = 0;
      for (const _ of judged(undefined)) count++;
      return count;
    },
    *from(after): Iterable<Entry> {
      for (const verdict of judged(after)) yield { key: String(verdict.sink.id), show: () => showJudged(verdict) };
    },
  };
}

function showJudged({ sink, state, synced, refused, worst }: JudgedSink): JsonObject {
  const { id, sinkId, peer, since, collections } = sink;
  return {
    id,
    sinkId,
    peer,
    since: moment(since),
    state,
    subscribed: collections.length,
    synced,
    refused,
    worst: worst && showWorst(worst),
  };
}

function showWorst({ collection, sent, awaitingSince, nacked }: HoldingView): JsonObject {
  return {
    collection,
    sent,
    awaitingSince: awaitingSince === undefined ? undefined : moment(awaitingSince),
    nacked: nacked && { version: nacked.version, code: nacked.code, message: nacked.message, at: moment(nacked.at) },
  };
}

/** Refusals before silence; then what began earlier; what has not been sent yet comes last. */
function isWorse(a: HoldingView, b: HoldingView): boolean {
  const [stateA, stateB] = [holdingState(a), holdingState(b)];
  if (stateA !== stateB) return stateA === "refused";
  return beganAt(a) < beganAt(b);
}

function beganAt({ nacked, awaitingSince }: HoldingView): number {
  return nacked?.at ?? awaitingSince ?? Number.POSITIVE_INFINITY;
}
