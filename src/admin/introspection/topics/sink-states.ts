import { moment } from "../json.ts";
import type { JsonObject } from "../json.ts";
import type { SinkView } from "./sinks.ts";

/**
 * How a sink is doing. `refused`: it would not take what is published now of some collection. `behind`: it has not yet
 * acknowledged all that is published now. `synced`: neither.
 */
export type SinkState = "refused" | "behind" | "synced";

/** The states, worst first. */
export const sinkStates: readonly SinkState[] = ["refused", "behind", "synced"];

/** What a sink holds of one collection. */
export type HoldingView = SinkView["collections"][number];

/** A sink, judged over all collections that it subscribed to. Times are wall clock milliseconds. */
export interface JudgedSink extends Omit<SinkView, "collections" | "annotations"> {
  readonly state: SinkState;
  readonly subscribed: number;
  /** How many of its collections it has as they are published now, and of how many it refused that. */
  readonly synced: number;
  readonly refused: number;
  /** Where it is worst: what it refused first, else what it owes an answer to for the longest time. */
  readonly worst: HoldingView | undefined;
}

/** Judges a sink by what it holds now. */
export function judge({ id, peer, protocol, sinkId, since, collections }: SinkView): JudgedSink {
  let synced = 0;
  let refused = 0;
  let worst: HoldingView | undefined;
  for (const holding of collections) {
    const state = holdingState(holding);
    if (state === "synced") {
      synced++;
      continue;
    }
    if (state === "refused") refused++;
    if (worst === undefined || isWorse(holding, worst)) worst = holding;
  }
  const state = worst === undefined ? "synced" : holdingState(worst);
  return { id, peer, protocol, sinkId, since, state, subscribed: collections.length, synced, refused, worst };
}

/** The state of a single collection at a sink. A refusal is past once the sink has what is published now all the same. */
export function holdingState({ synced, nacked }: HoldingView): SinkState {
  if (synced) return "synced";
  return nacked === undefined ? "behind" : "refused";
}

export function showJudged(judged: JudgedSink): JsonObject {
  const { id, sinkId, peer, protocol, since, state, subscribed, synced, refused, worst } = judged;
  return {
    id,
    sinkId,
    peer,
    protocol,
    since: moment(since),
    state,
    subscribed,
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
