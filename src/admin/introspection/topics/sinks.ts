import { moment } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { quote } from "../query.ts";
import type { Entry, Listing } from "../listing.ts";
import { list, notFound, value } from "../topic.ts";
import type { Topic } from "../topic.ts";

/** What a sink holds of one collection. Times are wall clock milliseconds. */
interface HoldingView {
  readonly collection: string;
  /** What the sink calls it: the collection in MCP, a type URL in xDS. */
  readonly topic: string;
  /** How many resources it named; `undefined` when it wants all. */
  readonly names: number | undefined;
  readonly sent: string | undefined;
  readonly acked: string | undefined;
  readonly nacked:
    | { readonly version: string; readonly code: number; readonly message: string; readonly at: number }
    | undefined;
  readonly incremental: boolean;
  readonly awaitingSince: number | undefined;
  readonly synced: boolean;
}

/** A connected sink. */
export interface SinkView {
  readonly id: number;
  readonly peer: string;
  /** `mcp`, `xds` or `delta-xds`. */
  readonly protocol: string;
  readonly sinkId: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Wall clock milliseconds. */
  readonly since: number;
  readonly collections: readonly HoldingView[];
}

/** Who is connected. */
export interface SinksView {
  readonly sinkCount: number;
  /** In the order of their ids. */
  sinks(): Iterable<SinkView>;
}

export function sinksTopic(view: SinksView): Topic {
  return {
    name: "sinks",
    rest: "<id>",
    summary: "Who is connected, and what each sink was sent, took and refused of every collection.",
    read({ rest }) {
      if (rest === "") return list(listing(view));
      for (const sink of view.sinks()) if (String(sink.id) === rest) return value(show(sink));
      return notFound(`connected sink ${quote(rest)}`, "sinks lists those there are");
    },
  };
}

function listing(view: SinksView): Listing {
  return {
    count: view.sinkCount,
    *from(after): Iterable<Entry> {
      const last = after === undefined ? -1 : Number(after);
      for (const sink of view.sinks()) {
        if (sink.id > last) yield { key: String(sink.id), show: () => show(sink) };
      }
    },
  };
}

function show({ id, peer, protocol, sinkId, annotations, since, collections }: SinkView): JsonObject {
  const holdings = [...collections].sort((a, b) => (a.topic < b.topic ? -1 : 1));
  return { id, peer, protocol, sinkId, annotations, since: moment(since), collections: holdings.map(showHolding) };
}

function showHolding(holding: HoldingView): JsonObject {
  const { collection, topic, names, synced, incremental, sent, acked, awaitingSince, nacked } = holding;
  return {
    collection,
    topic: topic === collection ? undefined : topic,
    names,
    synced,
    incremental,
    sent,
    acked,
    awaitingSince: awaitingSince === undefined ? undefined : moment(awaitingSince),
    nacked: nacked && { version: nacked.version, code: nacked.code, message: nacked.message, at: moment(nacked.at) },
  };
}
