import { getHeapStatistics } from "node:v8";
import { HandOut } from "../distribution/hand-out.ts";
import { silentObserver } from "../distribution/observer.ts";
import { Pacer } from "../distribution/pacer.ts";
import { PeerMemory } from "../distribution/peer-memory.ts";
import type { Encode } from "../distribution/writer.ts";
import type { Method } from "../grpc/method.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { Turns } from "../lib/turns.ts";
import type { CalledSink } from "../mcp/callout/called-sink.ts";
import type { CallOut } from "../mcp/callout/callout.ts";
import { ResponseEncoder } from "../mcp/response.ts";
import { SourceService, type SourceServiceDeps } from "../mcp/source-service.ts";
import type { CollectionRegistry } from "../model/collections.ts";
import type { Collection } from "../model/names.ts";
import { keepPushDeadline } from "../serving/push-deadline.ts";
import type { SinkView } from "../serving/view.ts";
import type { Hub } from "../snapshot/hub.ts";
import { XdsService, type XdsServiceDeps } from "../xds/service.ts";
import { inOrderOfIds } from "./in-order.ts";

export interface StreamsOptions {
  readonly hub: Hub;
  /** The collections that are served. */
  readonly registry: CollectionRegistry;
  readonly clock: Clock;
  /** Each protocol logs in a scope of its own. */
  readonly log: Logger;
  /** In which streams of all protocols send; on the clock unless given. */
  readonly turns?: Turns;
  /** What large pushes of all protocols share; on the clock unless given. */
  readonly pacer?: Pacer;
  /** Size from which on an operator asks to be warned of a push, bytes. */
  readonly largePushBytes?: number;
  /** How long a sink may owe an answer before its stream is ended, milliseconds; 0, as without it, is for ever. */
  readonly pushDeadlineMs?: number;
  /** What streams over MCP are given beside what all share, or instead of it. */
  readonly mcp?: Partial<SourceServiceDeps>;
  /** The same for streams over xDS. */
  readonly xds?: Partial<XdsServiceDeps>;
  /** Begins to call the sinks that don't call by themselves. It is given what those are served by who do. */
  readonly callOut?: (deps: SourceServiceDeps) => CallOut;
  /** Told what is held back from clients over xDS. */
  readonly report: XdsServiceDeps["report"];
}

/** Every way in which sinks are served: MCP and xDS, those who call and those who are called. */
export interface Streams extends AsyncDisposable {
  readonly mcp: SourceService;
  readonly xds: XdsService;
  /** Of every protocol. */
  readonly methods: readonly Method[];
  /** When what was published is handed out, to sinks of all protocols. */
  readonly handOut: HandOut;
  readonly sinkCount: number;
  /** All sinks, in the order of their ids. */
  sinks(): Iterable<SinkView>;
  /** How it stands with each sink that is called, reached or not. */
  readonly called: readonly CalledSink[];
  /** When the oldest push that no answer has come for was sent, as `Clock.now` told; `undefined` when none waits. */
  oldestUnanswered(): number | undefined;
  /** How many streams subscribe to a collection. */
  subscriptions(collection: Collection): number;
}

/**
 * What sinks have us remember may take this part of the heap at most. Of the usual 2 GiB that is enough for 10,000 sinks that
 * come back with a hundred resources each before there is anything to compare with.
 */
const REMEMBERED_PART = 8;

/** Makes what serves sinks: streams of all protocols take turns with each other, and share what large pushes may take. */
export function createStreams(options: StreamsOptions): Streams {
  const { hub, registry, clock, log, largePushBytes, pushDeadlineMs = 0, report } = options;
  const { turns = new Turns(clock), pacer = new Pacer(clock) } = options;
  let lastId = 0;
  const common = {
    hub,
    registry,
    clock,
    turns,
    pacer,
    memory: new PeerMemory({ totalBytes: getHeapStatistics().heap_size_limit / REMEMBERED_PART }),
    observer: silentObserver,
    ...(largePushBytes !== undefined && { largePushBytes }),
    nextStreamId: () => ++lastId,
  };
  const overMcp = { ...common, encode: mcpEncode(registry), log: log.scope("mcp"), headers: [], ...options.mcp };
  const mcp = new SourceService(overMcp);
  const called = options.callOut?.(overMcp);
  const xds = new XdsService({ ...common, log: log.scope("xds"), report, ...options.xds });
  const sides = called === undefined ? [mcp, xds] : [mcp, called, xds];
  const stopDeadline =
    pushDeadlineMs > 0
      ? keepPushDeadline(clock, pushDeadlineMs, (before) => sides.forEach((side) => side.endUnanswered(before)))
      : () => undefined;
  return {
    mcp,
    xds,
    methods: [mcp.method, ...xds.methods],
    handOut: new HandOut(turns, pacer),
    get sinkCount() {
      return sides.reduce((count, side) => count + side.sinkCount, 0);
    },
    sinks: () => inOrderOfIds([mcp.sinks(), called?.sinks() ?? [], ...xds.sinkLists()]),
    called: called?.called ?? [],
    oldestUnanswered: () => oldest(sides.map((side) => side.oldestUnanswered())),
    subscriptions: (collection) => hub.watchers(collection) + xds.subscriptions(collection),
    async [Symbol.asyncDispose]() {
      stopDeadline();
      xds[Symbol.dispose]();
      await called?.[Symbol.asyncDispose]();
    },
  };
}

/** How pushes over MCP are written: each collection in the generation that its sinks know. */
export function mcpEncode(registry: CollectionRegistry): Encode {
  const encoder = new ResponseEncoder((collection) => registry.get(collection)!.mcp);
  return (feed, push) => encoder.encode(feed, push);
}

function oldest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
