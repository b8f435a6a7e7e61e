import type { Clock } from "../../lib/clock.ts";
import type { Metrics } from "./create.ts";

/** How the sources are doing. */
export interface SourcesView {
  readonly sources: Iterable<{ readonly name: string; readonly state: string }>;
  readonly problems: { counts(): { readonly error: number; readonly warning: number; readonly info: number } };
}

/** Has the state of the sources and the number of their problems asked for whenever the metrics are read. */
export function readSources(metrics: Metrics, view: SourcesView): void {
  const isIn = (name: string, states: readonly string[]): number => {
    for (const source of view.sources) if (source.name === name) return states.includes(source.state) ? 1 : 0;
    return 0;
  };
  for (const { name } of view.sources) {
    metrics.sourceSynced.with(name).readFrom(() => isIn(name, ["synced"]));
    metrics.sourceDegraded.with(name).readFrom(() => isIn(name, ["degraded", "failed"]));
  }
  for (const severity of ["error", "warning", "info"] as const) {
    metrics.sourceProblems.with(severity).readFrom(() => view.problems.counts()[severity]);
  }
}

/** Has the number of subscriptions to each collection asked for whenever the metrics are read. */
export function readSubscriptions<Collection extends string>(
  metrics: Metrics,
  collections: Iterable<Collection>,
  subscriptions: (collection: Collection) => number,
): void {
  for (const collection of collections) {
    metrics.subscriptions.with(collection).readFrom(() => subscriptions(collection));
  }
}

/** Has the number of sinks that are called, by how it stands with them, asked for whenever the metrics are read. */
export function readCalledSinks(metrics: Metrics, called: readonly { readonly state: string }[]): void {
  if (called.length === 0) return;
  for (const state of ["connected", "calling", "waiting"]) {
    metrics.calledSinks.with(state).readFrom(() => called.filter((sink) => sink.state === state).length);
  }
}

/**
 * Has the age of the oldest unanswered push asked for whenever the metrics are read.
 * @param oldest when it was sent, as `Clock.now` told; `undefined` while every push is answered
 */
export function readPushAge(metrics: Metrics, clock: Clock, oldest: () => number | undefined): void {
  metrics.unacknowledgedPushAge.with().readFrom(() => {
    const sentAt = oldest();
    return sentAt === undefined ? 0 : (clock.now() - sentAt) / 1000;
  });
}
