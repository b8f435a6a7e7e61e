import { holdingState, judge } from "./sink-states.ts";
import type { HoldingView, JudgedSink, SinkState } from "./sink-states.ts";
import type { SinksView } from "./sinks.ts";

/** How many sinks subscribe to a collection, have it as it is published now, and refused that. */
interface Subscribers {
  readonly subscribed: number;
  readonly synced: number;
  readonly refused: number;
}

/** A push that a sink has not answered yet. */
interface Unanswered {
  readonly sink: JudgedSink;
  readonly collection: string;
  /** When it was sent, wall clock milliseconds. */
  readonly since: number;
}

/** All sinks at one moment. */
export interface Survey {
  /** In the order in which they came. */
  readonly sinks: readonly JudgedSink[];
  readonly counts: Readonly<Record<SinkState, number>>;
  /** How many have not subscribed to anything yet; they count as `synced`, for nothing is due to them. */
  readonly unsubscribed: number;
  readonly subscribers: ReadonlyMap<string, Subscribers>;
  readonly oldest: Unanswered | undefined;
}

/** How long a survey is good for, milliseconds. */
const FRESH_MS = 1_000;

/**
 * Surveys the sinks, at most once a second: with 10,000 sinks of 30 collections each, a walk over all that they hold takes
 * an eighth of a second in which nothing else runs, and one question of a person becomes several requests.
 * @param now monotonic milliseconds
 */
export function surveyor(view: SinksView, now: () => number): () => Survey {
  let last: { readonly survey: Survey; readonly at: number } | undefined;
  return () => {
    const at = now();
    if (last === undefined || at - last.at >= FRESH_MS) last = { survey: survey(view), at };
    return last.survey;
  };
}

function survey(view: SinksView): Survey {
  const sinks: JudgedSink[] = [];
  const counts = { refused: 0, behind: 0, synced: 0 };
  const subscribers = new Map<string, { subscribed: number; synced: number; refused: number }>();
  let unsubscribed = 0;
  let oldest: Unanswered | undefined;
  for (const found of view.sinks()) {
    const sink = judge(found);
    sinks.push(sink);
    counts[sink.state]++;
    if (sink.subscribed === 0) unsubscribed++;
    for (const holding of found.collections) {
      count(subscribers, holding);
      const { collection, awaitingSince: since } = holding;
      if (since !== undefined && (oldest === undefined || since < oldest.since)) oldest = { sink, collection, since };
    }
  }
  return { sinks, counts, unsubscribed, subscribers, oldest };
}

function count(
  subscribers: Map<string, { subscribed: number; synced: number; refused: number }>,
  holding: HoldingView,
): void {
  let found = subscribers.get(holding.collection);
  if (found === undefined) subscribers.set(holding.collection, (found = { subscribed: 0, synced: 0, refused: 0 }));
  found.subscribed++;
  const state = holdingState(holding);
  if (state !== "behind") found[state]++;
}
