import { calloutMetrics, servingMetrics } from "../../admin/metrics/observers.ts";
import type { Metrics } from "../../admin/metrics/create.ts";
import { Pacer } from "../../distribution/pacer.ts";
import type { Metadata } from "../../grpc/metadata.ts";
import type { Method } from "../../grpc/method.ts";
import type { Clock } from "../../lib/clock.ts";
import { GalleyError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/logger.ts";
import { Turns } from "../../lib/turns.ts";
import { type CallOut, callOut } from "../../mcp/callout/callout.ts";
import { parseSinkMeta } from "../../mcp/callout/meta.ts";
import { VERSION_HEADER } from "../../mcp/protocol.ts";
import { ResponseEncoder } from "../../mcp/response.ts";
import { SourceService } from "../../mcp/source-service.ts";
import type { SourceStreamDeps } from "../../mcp/source-stream.ts";
import { keepPushDeadline } from "../../serving/push-deadline.ts";
import type { SinkView } from "../../serving/view.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import type { Hub } from "../../snapshot/hub.ts";
import type { ServerValues } from "../options/table.ts";

export interface McpDeps {
  readonly values: ServerValues;
  readonly hub: Hub;
  readonly registry: CollectionRegistry;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The build, as it is told to sinks. */
  readonly version: string;
}

/** The MCP side of a server: those who call, and those who are called. */
export interface Mcp extends AsyncDisposable {
  readonly method: Method;
  readonly sinkCount: number;
  /** All sinks, in the order of their ids. */
  sinks(): Iterable<SinkView>;
  /** When the oldest push that no answer has come for was sent, wall clock milliseconds; `undefined` when none waits. */
  oldestUnanswered(): number | undefined;
}

/**
 * Begins to serve sinks over MCP, and to call those that `--sink-address` names.
 * @throws GalleyError when the settings of the call-out can't be used.
 */
export function openMcp({ values, hub, registry, clock, metrics, log, version }: McpDeps): Mcp {
  const encoder = new ResponseEncoder((collection) => registry.get(collection)!.mcp);
  const headers = headersOf(version, values.sinkMeta);
  let lastId = 0;
  const deps: SourceStreamDeps = {
    hub,
    registry,
    clock,
    turns: new Turns(clock),
    pacer: new Pacer(clock),
    encode: (feed, push) => encoder.encode(feed, push),
    observer: servingMetrics(metrics, "mcp"),
    log,
    deltas: values.incremental,
    largePushBytes: values.largePushSize,
    nextStreamId: () => ++lastId,
  };
  const callers = new SourceService({ ...deps, headers });
  const called = callOutOf(values, deps, headers, metrics);
  const both = called === undefined ? [callers] : [callers, called];
  const oldestUnanswered = (): number | undefined => oldest(both.map((side) => side.oldestUnanswered()));
  const stopDeadline =
    values.pushDeadline > 0
      ? keepPushDeadline(clock, values.pushDeadline, (before) => both.forEach((side) => side.endUnanswered(before)))
      : () => undefined;
  return {
    method: callers.method,
    get sinkCount() {
      return both.reduce((count, side) => count + side.sinkCount, 0);
    },
    sinks: () => (called === undefined ? callers.sinks() : byId([...callers.sinks(), ...called.sinks()])),
    oldestUnanswered,
    async [Symbol.asyncDispose]() {
      stopDeadline();
      await called?.[Symbol.asyncDispose]();
    },
  };
}

/** What sinks are told of the source, whoever dials: its build, and what `--sink-meta` names. */
function headersOf(version: string, sinkMeta: readonly string[]): Metadata {
  const parsed = parseSinkMeta(sinkMeta);
  if (!parsed.ok) throw new GalleyError("GLY_VALUE", parsed.reason);
  return [[VERSION_HEADER, version], ...parsed.metadata];
}

function callOutOf(
  { sinkAddress, sinkAuthMode }: ServerValues,
  deps: SourceStreamDeps,
  meta: Metadata,
  metrics: Metrics,
): CallOut | undefined {
  if (sinkAddress.length === 0) return undefined;
  const counted = calloutMetrics(metrics);
  try {
    const callOutObserver = { connected: () => counted.connected(), disconnected: () => undefined };
    return callOut({ ...deps, addresses: sinkAddress, authMode: sinkAuthMode, meta, callOutObserver });
  } catch (error) {
    if (GalleyError.is(error)) throw error;
    throw new GalleyError("GLY_VALUE", `--sink-address: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function oldest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function byId(sinks: SinkView[]): readonly SinkView[] {
  return sinks.sort((a, b) => a.id - b.id);
}
