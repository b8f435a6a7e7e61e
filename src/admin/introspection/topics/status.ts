import { moment } from "../json.ts";
import type { Json, JsonObject } from "../json.ts";
import { cutPage } from "../listing.ts";
import { quote } from "../query.ts";
import { badRequest, list, notFound, value } from "../topic.ts";
import type { Topic } from "../topic.ts";
import { holdingState, judge, sinkStateListing, sinkStates } from "./sink-states.ts";
import type { SinkState } from "./sink-states.ts";
import type { HoldingView, SinksView, SinkView } from "./sinks.ts";
import type { SnapshotsView } from "./snapshots.ts";

/** Everything that the overview is made of, looked at anew for each question. */
export interface StatusViews {
  readonly version: string;
  /** Milliseconds since the process began. */
  readonly uptimeMs: () => number;
  /** What keeps Galley from being ready, a sentence each; empty when it is ready. */
  readonly missing: () => readonly string[];
  /** The topics of those names. */
  readonly sources: Topic;
  readonly problems: Topic;
  readonly snapshots: SnapshotsView;
  readonly sinks: SinksView;
}

/** How many problems the overview shows; the topic `problems` has them all. */
const WORST_PROBLEMS = 5;

/** How all is, in one answer; and how each sink is, in one short entry each. */
export function statusTopic(views: StatusViews): Topic {
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
      if (rest === "sinks") return list(sinkStateListing(views.sinks, state));
      if (rest !== "") return notFound(`part ${quote(rest)} of the status`, "ask for status or status/sinks");
      if (state !== undefined) return badRequest("state means nothing here", "ask for status/sinks");
      return value(overview(views));
    },
  };
}

function overview(views: StatusViews): JsonObject {
  const missing = views.missing();
  const { sinks, subscribers } = surveySinks(views.sinks);
  const collections: JsonObject[] = [];
  let resources = 0;
  for (const [group, tables] of views.snapshots()) {
    for (const [collection, { version, size }] of tables) {
      resources += size;
      const { subscribed, synced, refused } = subscribers.get(collection) ?? nobody;
      collections.push({ collection, group, version, count: size, sinks: subscribed, synced, refused });
    }
  }
  return {
    version: views.version,
    uptimeSeconds: Math.floor(views.uptimeMs() / 1000),
    ready: missing.length === 0,
    missing,
    resources,
    sources: shown(views.sources, Number.POSITIVE_INFINITY).items,
    problems: shown(views.problems, WORST_PROBLEMS),
    sinks,
    collections: collections.sort((a, b) => (String(a["collection"]) < String(b["collection"]) ? -1 : 1)),
  };
}

interface Subscribers {
  subscribed: number;
  synced: number;
  refused: number;
}

const nobody: Subscribers = { subscribed: 0, synced: 0, refused: 0 };

/** Counts sinks by their state and collections by their subscribers, in one walk. */
function surveySinks(view: SinksView): {
  readonly sinks: JsonObject;
  readonly subscribers: ReadonlyMap<string, Subscribers>;
} {
  const counts: Record<SinkState, number> = { refused: 0, behind: 0, synced: 0 };
  const subscribers = new Map<string, Subscribers>();
  let oldest: { readonly sink: SinkView; readonly holding: HoldingView; readonly since: number } | undefined;
  for (const sink of view.sinks()) {
    counts[judge(sink).state]++;
    for (const holding of sink.collections) {
      count(subscribers, holding);
      const since = holding.awaitingSince;
      if (since !== undefined && (oldest === undefined || since < oldest.since)) oldest = { sink, holding, since };
    }
  }
  const oldestUnanswered = oldest && {
    id: oldest.sink.id,
    sinkId: oldest.sink.sinkId,
    peer: oldest.sink.peer,
    collection: oldest.holding.collection,
    since: moment(oldest.since),
  };
  return { sinks: { count: view.sinkCount, ...counts, oldestUnanswered }, subscribers };
}

function count(subscribers: Map<string, Subscribers>, holding: HoldingView): void {
  let found = subscribers.get(holding.collection);
  if (found === undefined) subscribers.set(holding.collection, (found = { ...nobody }));
  found.subscribed++;
  const state = holdingState(holding);
  if (state !== "behind") found[state]++;
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
