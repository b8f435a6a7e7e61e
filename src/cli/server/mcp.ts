import { calloutMetrics, servingMetrics } from "../../admin/metrics/observers.ts";
import type { Metrics } from "../../admin/metrics/create.ts";
import type { Metadata } from "../../grpc/metadata.ts";
import type { Clock } from "../../lib/clock.ts";
import { GalleyError } from "../../lib/errors.ts";
import { googleTokens } from "../../mcp/callout/google-tokens.ts";
import { parseSinkMeta } from "../../mcp/callout/meta.ts";
import { VERSION_HEADER } from "../../mcp/protocol.ts";
import type { StreamsOptions } from "../../server/streams.ts";
import type { ServerValues } from "../options/table.ts";

export interface McpDeps {
  readonly values: ServerValues;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** The build, as it is told to sinks. */
  readonly version: string;
}

/**
 * How sinks are served over MCP as the settings say, and how those are called that `--sink-address` names.
 * @throws GalleyError when the metadata can't be used, or there are no credentials to call with
 */
export async function mcpOptions(deps: McpDeps): Promise<Pick<StreamsOptions, "mcp" | "callOut">> {
  const { values, metrics, version } = deps;
  const headers = headersOf(version, values.sinkMeta);
  const callOut = await callOutOf(deps);
  return {
    mcp: { headers, deltas: values.incremental, observer: servingMetrics(metrics, "mcp") },
    ...(callOut !== undefined && { callOut }),
  };
}

/** What sinks are told of the source, whoever dials: its build, and what `--sink-meta` names. */
function headersOf(version: string, sinkMeta: readonly string[]): Metadata {
  const parsed = parseSinkMeta(sinkMeta);
  if (!parsed.ok) throw new GalleyError("GLY_VALUE", parsed.reason);
  return [[VERSION_HEADER, version], ...parsed.metadata];
}

async function callOutOf({ values, metrics, clock }: McpDeps): Promise<StreamsOptions["callOut"]> {
  const { sinkAddress: addresses, sinkAuthMode: authMode } = values;
  if (addresses.length === 0) return undefined;
  // Dialling stands on a gRPC library of its own, which most servers needn't load.
  const { callOut } = await import("../../mcp/callout/callout.ts");
  const proof = authMode === "GOOGLE" ? { token: await googleTokens(clock) } : {};
  const counted = calloutMetrics(metrics);
  const callOutObserver = { connected: () => counted.connected(), disconnected: () => undefined };
  const dialLimits = { maxReceivedMessageBytes: values.serverMaxReceivedMessageSize };
  return (deps) => {
    try {
      return callOut({ ...deps, addresses, authMode, ...proof, meta: deps.headers, dialLimits, callOutObserver });
    } catch (error) {
      if (GalleyError.is(error)) throw error;
      throw new GalleyError("GLY_VALUE", `--sink-address: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
