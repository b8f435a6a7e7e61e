import { moment } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { cutPage } from "../listing.ts";
import type { Entry, Listing } from "../listing.ts";
import { quote } from "../query.ts";
import { badRequest, list, notFound, value } from "../topic.ts";
import type { Topic } from "../topic.ts";
import { type CalledView, showCalled } from "./called.ts";
import { showJudged, sinkStates } from "./sink-states.ts";
import type { SinkState } from "./sink-states.ts";
import { surveyor } from "./sink-survey.ts";
import type { Survey } from "./sink-survey.ts";
import { type LoadView, showLoad } from "./process.ts";
import type { SinksView } from "./sinks.ts";
import type { SnapshotsView } from "./snapshots.ts";

/** Everything that the overview is made of, looked at when it is asked for. */
export interface StatusViews {
  readonly version: string;
  /** Milliseconds since the process began. */
  readonly uptimeMs: () => number;
  /** What weighs on the process. */
  readonly load: () => LoadView;
  /** Records of the log that could not be written since the process began. */
  readonly lostLogRecords: () => number;
  /** What keeps Galley from being ready, a sentence each; empty when it is ready. */
  readonly missing: () => readonly string[];
  /** The topics of those names. */
  readonly sources: Topic;
  readonly problems: Topic;
  readonly changes: Topic;
  readonly snapshots: SnapshotsView;
  readonly sinks: SinksView;
  /** The sinks that are called. */
  readonly called: () => readonly CalledView[];
}

/** How many problems the overview shows; the topic `problems` has them all. */
const WORST_PROBLEMS = 5;

/** How many of the sinks that are called and not connected it shows; the topic `called` has them all. */
const MOST_UNCONNECTED = 5;

/** How all is, in one answer; and how each sink is, in one short entry each. */
export function statusTopic(views: StatusViews): Topic {
  const survey = surveyor(views.sinks, views.uptimeMs);
  return {
    name: "status",
    rest: "sinks",
    summary: "How all is at a glance; status/sinks tells in short how each sink is doing.",
    parameters: { state: "for status/sinks: only sinks in this state: refused, behind or synced" },
    read({ rest, parameter }) {
      const state = parameter("state");
      if (state !== undefined && !isState(state)) {
        return badRequest(`state is ${quote(state)}`, "give refused, behind or synced");
      }
      if (rest === "sinks") return list(sinkListing(survey(), state));
      if (rest !== "") return notFound(`part ${quote(rest)} of the status`, "ask for status or status/sinks");
      if (state !== undefined) return badRequest("state means nothing here", "ask for status/sinks");
      return value(overview(views, survey()));
    },
  };
}

function overview(views: StatusViews, survey: Survey): JsonObject {
  const missing = views.missing();
  const tables = [...views.snapshots()].flatMap(([group, collections]) =>
    [...collections].map(([collection, table]) => ({ group, collection, table })),
  );
  return {
    version: views.version,
    uptimeSeconds: Math.floor(views.uptimeMs() / 1000),
    ready: missing.length === 0,
    missing,
    process: showLoad(views.load()),
    lostLogRecords: views.lostLogRecords() || undefined,
    resources: tables.reduce((sum, { table }) => sum + table.size, 0),
    lastChange: shown(views.changes, 1).items[0],
    sources: shown(views.sources, Number.POSITIVE_INFINITY).items,
    problems: shown(views.problems, WORST_PROBLEMS),
    sinks: {
      count: survey.sinks.length,
      ...survey.counts,
      unsubscribed: survey.unsubscribed === 0 ? undefined : survey.unsubscribed,
      oldestUnanswered: showOldest(survey),
    },
    called: showCalls(views.called()),
    collections: tables
      .sort((a, b) => (a.collection < b.collection ? -1 : 1))
      .map(({ group, collection, table: { version, size } }) => {
        const { subscribed = 0, synced = 0, refused = 0 } = survey.subscribers.get(collection) ?? {};
        return { collection, group, version, count: size, sinks: subscribed, synced, refused };
      }),
  };
}

/** Nothing where no sinks are called. */
function showCalls(called: readonly CalledView[]): JsonObject | undefined {
  if (called.length === 0) return undefined;
  const unconnected = called.filter(({ state }) => state !== "connected");
  return {
    count: called.length,
    connected: called.length - unconnected.length,
    unconnected: unconnected.slice(0, MOST_UNCONNECTED).map(showCalled),
  };
}

function showOldest({ oldest }: Survey): JsonObject | undefined {
  if (oldest === undefined) return undefined;
  const { sink, collection, since } = oldest;
  return { id: sink.id, sinkId: sink.sinkId, peer: sink.peer, collection, since: moment(since) };
}

function sinkListing({ sinks, counts }: Survey, state: SinkState | undefined): Listing {
  return {
    count: state === undefined ? sinks.length : counts[state],
    *from(after): Iterable<Entry> {
      const last = after === undefined ? -1 : Number(after);
      for (const sink of sinks) {
        if (sink.id <= last || (state !== undefined && sink.state !== state)) continue;
        yield { key: String(sink.id), show: () => showJudged(sink) };
      }
    },
  };
}

/** The first entries of another topic's list, and what the list says of itself. */
function shown(topic: Topic, most: number): JsonObject & { readonly items: readonly Json[] } {
  const answer = topic.read({ rest: "", parameter: () => undefined });
  if (answer.kind !== "list") throw new Error(`the topic ${topic.name} is no list`);
  const { items } = cutPage(answer.listing, undefined, most);
  return { ...answer.head, count: answer.listing.count, items: items.map((entry) => entry.show()) };
}

function isState(word: string): word is SinkState {
  return (sinkStates as readonly string[]).includes(word);
}
