import type { Metrics } from "../../admin/metrics/create.ts";
import { servingMetrics } from "../../admin/metrics/observers.ts";
import { HandOut } from "../../distribution/hand-out.ts";
import { Pacer } from "../../distribution/pacer.ts";
import type { Method } from "../../grpc/method.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { Turns } from "../../lib/turns.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import type { Collection } from "../../model/names.ts";
import type { Problem } from "../../model/problem.ts";
import { keepPushDeadline } from "../../serving/push-deadline.ts";
import type { SinkView } from "../../serving/view.ts";
import type { Hub } from "../../snapshot/hub.ts";
import { XdsService } from "../../xds/service.ts";
import type { ServerValues } from "../options/table.ts";
import { openMcp } from "./mcp.ts";

export interface StreamsDeps {
  readonly values: ServerValues;
  readonly hub: Hub;
  readonly registry: CollectionRegistry;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** A logger of its own for each protocol. */
  readonly log: (protocol: "mcp" | "xds") => Logger;
  /** Size from which on an operator asks to be warned of a push, bytes. */
  readonly largePushBytes?: number;
  /** The build, as it is told to sinks. */
  readonly version: string;
  /** Told what is held back from clients over xDS. */
  readonly report: (collection: Collection, problems: readonly Problem[]) => void;
}

/** Every way in which sinks are served: MCP and xDS, those who call and those who are called. */
export interface Streams extends AsyncDisposable {
  /** For those who show who they are, as far as the settings ask for that. */
  readonly methods: readonly Method[];
  /** For those who can't. */
  readonly xdsMethods: readonly Method[];
  /** When what was published is handed out, to sinks of all protocols. */
  readonly handOut: HandOut;
  readonly sinkCount: number;
  /** All sinks, in the order of their ids. */
  sinks(): Iterable<SinkView>;
  /** When the oldest push that no answer has come for was sent, wall clock milliseconds; `undefined` when none waits. */
  oldestUnanswered(): number | undefined;
  /** How many streams subscribe to a collection. */
  subscriptions(collection: Collection): number;
}

/** Begins to serve sinks. @throws GalleyError when the settings of the call-out can't be used. */
export async function openStreams(deps: StreamsDeps): Promise<Streams> {
  const { values, hub, registry, clock, metrics, log, report } = deps;
  let lastId = 0;
  // Streams of all protocols take turns with each other, and share what large pushes may take.
  const turns = new Turns(clock);
  const pacer = new Pacer(clock);
  const common = {
    hub,
    registry,
    clock,
    turns,
    pacer,
    ...(deps.largePushBytes !== undefined && { largePushBytes: deps.largePushBytes }),
    nextStreamId: () => ++lastId,
  };
  const mcp = await openMcp({ ...deps, common, log: log("mcp") });
  const xds = new XdsService({ ...common, observer: servingMetrics(metrics, "xds"), log: log("xds"), report });
  const sides = [...mcp.sides, xds];
  const stopDeadline =
    values.pushDeadline > 0
      ? keepPushDeadline(clock, values.pushDeadline, (before) => sides.forEach((side) => side.endUnanswered(before)))
      : () => undefined;
  return {
    methods: [mcp.method, ...xds.methods],
    xdsMethods: xds.methods,
    handOut: new HandOut(turns, pacer),
    get sinkCount() {
      return sides.reduce((count, side) => count + side.sinkCount, 0);
    },
    sinks: () =>
      byId([...mcp.sides.map((side) => side.sinks()), ...xds.sinkLists()].map((sinks) => sinks[Symbol.iterator]())),
    oldestUnanswered: () => oldest(sides.map((side) => side.oldestUnanswered())),
    subscriptions: (collection) => hub.watchers(collection) + xds.subscriptions(collection),
    async [Symbol.asyncDispose]() {
      stopDeadline();
      xds[Symbol.dispose]();
      await mcp[Symbol.asyncDispose]();
    },
  };
}

function oldest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Each side has its sinks in the order of their ids; none is looked at before it is its turn, for they may be many. */
function* byId(sides: Iterable<Iterator<SinkView>>): IterableIterator<SinkView> {
  const heads: { readonly rest: Iterator<SinkView>; first: SinkView }[] = [];
  for (const rest of sides) {
    const { value, done } = rest.next();
    if (done !== true) heads.push({ rest, first: value });
  }
  while (heads.length > 0) {
    const least = heads.reduce((a, b) => (a.first.id < b.first.id ? a : b));
    yield least.first;
    const { value, done } = least.rest.next();
    if (done === true) heads.splice(heads.indexOf(least), 1);
    else least.first = value;
  }
}
