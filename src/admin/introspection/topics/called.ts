import { moment } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { listingOf } from "../listing.ts";
import { list } from "../topic.ts";
import type { Topic } from "../topic.ts";

/** How it stands with one sink that is called. Moments are wall clock milliseconds. */
export interface CalledView {
  readonly address: string;
  readonly state: string;
  readonly since: number;
  readonly retryAt: number | undefined;
  readonly lastEnd: { readonly code: number; readonly message: string; readonly at: number } | undefined;
}

/** @param called asked for anew at each question */
export function calledTopic(called: () => Iterable<CalledView>): Topic {
  return {
    name: "called",
    summary: "The sinks that are called: whether each is connected, since when, and how its last stream ended.",
    read: () => list(listingOf([...called()].map((sink) => ({ key: sink.address, show: () => showCalled(sink) })))),
  };
}

export function showCalled({ address, state, since, retryAt, lastEnd }: CalledView): JsonObject {
  return {
    address,
    state,
    since: moment(since),
    retryAt: retryAt === undefined ? undefined : moment(retryAt),
    lastEnd: lastEnd && { code: lastEnd.code, message: lastEnd.message, at: moment(lastEnd.at) },
  };
}
