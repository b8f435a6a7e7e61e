import { calloutMetrics, servingMetrics } from "../../admin/metrics/observers.ts";
import type { Metrics } from "../../admin/metrics/create.ts";
import type { Metadata } from "../../grpc/metadata.ts";
import type { Method } from "../../grpc/method.ts";
import { GalleyError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/logger.ts";
import type { CallOut } from "../../mcp/callout/callout.ts";
import { googleTokens } from "../../mcp/callout/google-tokens.ts";
import { parseSinkMeta } from "../../mcp/callout/meta.ts";
import { VERSION_HEADER } from "../../mcp/protocol.ts";
import { ResponseEncoder } from "../../mcp/response.ts";
import { SourceService } from "../../mcp/source-service.ts";
import type { SourceStreamDeps } from "../../mcp/source-stream.ts";
import type { ServerValues } from "../options/table.ts";

export interface McpDeps {
  readonly values: ServerValues;
  readonly metrics: Metrics;
  /** What streams of all protocols share. */
  readonly common: Omit<SourceStreamDeps, "encode" | "observer" | "log" | "deltas">;
  readonly log: Logger;
  /** The build, as it is told to sinks. */
  readonly version: string;
}

/** The MCP side of a server: those who call, and those who are called. */
export interface Mcp extends AsyncDisposable {
  readonly method: Method;
  readonly sides: readonly (SourceService | CallOut)[];
}

/**
 * Begins to serve sinks over MCP, and to call those that `--sink-address` names.
 * @throws GalleyError when the settings of the call-out can't be used, or there are no credentials to call with.
 */
export async function openMcp({ values, metrics, common, log, version }: McpDeps): Promise<Mcp> {
  const encoder = new ResponseEncoder((collection) => common.registry.get(collection)!.mcp);
  const headers = headersOf(version, values.sinkMeta);
  const deps: SourceStreamDeps = {
    ...common,
    encode: (feed, push) => encoder.encode(feed, push),
    observer: servingMetrics(metrics, "mcp"),
    log,
    deltas: values.incremental,
  };
  const callers = new SourceService({ ...deps, headers });
  const called = await callOutOf(values, deps, headers, metrics);
  return {
    method: callers.method,
    sides: called === undefined ? [callers] : [callers, called],
    async [Symbol.asyncDispose]() {
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

async function callOutOf(
  { sinkAddress, sinkAuthMode }: ServerValues,
  deps: SourceStreamDeps,
  meta: Metadata,
  metrics: Metrics,
): Promise<CallOut | undefined> {
  if (sinkAddress.length === 0) return undefined;
  // Dialling stands on a gRPC library of its own, which most servers needn't load.
  const { callOut } = await import("../../mcp/callout/callout.ts");
  const proof = sinkAuthMode === "GOOGLE" ? { token: await googleTokens(deps.clock) } : {};
  const counted = calloutMetrics(metrics);
  try {
    const callOutObserver = { connected: () => counted.connected(), disconnected: () => undefined };
    return callOut({ ...deps, addresses: sinkAddress, authMode: sinkAuthMode, ...proof, meta, callOutObserver });
  } catch (error) {
    if (GalleyError.is(error)) throw error;
    throw new GalleyError("GLY_VALUE", `--sink-address: ${error instanceof Error ? error.message : String(error)}`);
  }
}
