import { beforeEach, expect, test } from "vitest";

import type { DistributionObserver } from "../../distribution/observer.ts";
import { ManualClock } from "../../lib/manual-clock.ts";
import type { Collection } from "../../model/names.ts";
import type { RuntimeObserver } from "../../runtime/observer.ts";
import { createMetrics } from "./create.ts";
import type { Metrics } from "./create.ts";
import { calloutMetrics, runtimeMetrics, servingMetrics } from "./observers.ts";

const gateways = "istio/networking/v1alpha3/gateways" as Collection;
let metrics: Metrics;

beforeEach(() => {
  metrics = createMetrics({ version: "1.2.3", collections: [gateways] });
});

/** The samples whose name starts so and that aren't 0, without comments. */
async function samples(prefix: string): Promise<string[]> {
  const text = await metrics.render();
  return text.split("\n").filter((line) => line.startsWith(prefix) && !line.endsWith(" 0"));
}

test("an MCP stream is counted while it is open, under both names", async () => {
  const serving: DistributionObserver = servingMetrics(metrics, "mcp");
  serving.streamOpened();
  serving.streamOpened();
  serving.streamClosed();
  expect(await samples("istio_mcp_clients_total")).toEqual(['istio_mcp_clients_total{component="galley"} 1']);
  expect(await samples("galley_streams")).toEqual(['galley_streams{protocol="mcp"} 1']);
});

test("an xDS stream is no MCP client", async () => {
  const serving = servingMetrics(metrics, "xds");
  serving.streamOpened();
  serving.judged(gateways, "acked", undefined);
  serving.requestReceived(gateways, 10);
  serving.sendFailed(gateways);
  serving.receiveFailed(14);
  expect(await samples("istio_mcp_")).toEqual([]);
  expect(await samples("galley_requests_total")).toEqual(['galley_requests_total{verdict="acked"} 1']);
  expect(await samples("galley_stream_failures_total")).toEqual([
    'galley_stream_failures_total{protocol="xds",code="Unavailable"} 1',
  ]);
});

test("an answer with a code is a NACK, another one an ACK, and a subscription neither", async () => {
  const serving = servingMetrics(metrics, "mcp");
  serving.judged(gateways, "subscribed", undefined);
  serving.judged(gateways, "resubscribed", undefined);
  serving.judged(gateways, "acked", undefined);
  serving.judged(gateways, "stale", undefined);
  serving.judged(gateways, "nacked", 3);
  serving.judged(gateways, "stale", 99);
  expect(await samples("istio_mcp_request")).toEqual([
    `istio_mcp_request_acks_total{component="galley",collection="${gateways}"} 2`,
    `istio_mcp_request_nacks_total{component="galley",collection="${gateways}",code="InvalidArgument"} 1`,
    `istio_mcp_request_nacks_total{component="galley",collection="${gateways}",code="other"} 1`,
  ]);
});

test("a collection that nobody knows is counted as unknown", async () => {
  const serving = servingMetrics(metrics, "mcp");
  serving.judged("made/up/v1/1", "acked", undefined);
  serving.judged("made/up/v1/2", "acked", undefined);
  expect(await samples("istio_mcp_request_acks_total")).toEqual([
    'istio_mcp_request_acks_total{component="galley",collection="unknown"} 2',
  ]);
});

test("a push is counted by its fate, and its bytes by their kind", async () => {
  const serving = servingMetrics(metrics, "mcp");
  serving.pushed(gateways, "full", 1000);
  serving.pushed(gateways, "delta", 10);
  serving.superseded(gateways);
  serving.sendFailed(gateways);
  expect(await samples("galley_push")).toEqual([
    `galley_pushes_total{collection="${gateways}",fate="sent"} 2`,
    `galley_pushes_total{collection="${gateways}",fate="superseded"} 1`,
    `galley_pushes_total{collection="${gateways}",fate="failed"} 1`,
    `galley_push_bytes_total{collection="${gateways}",kind="full"} 1000`,
    `galley_push_bytes_total{collection="${gateways}",kind="delta"} 10`,
  ]);
});

test("the size of a request is measured whether or not its collection is served", async () => {
  const serving = servingMetrics(metrics, "mcp");
  serving.requestReceived(undefined, 70);
  serving.requestReceived(gateways, 30);
  expect(await samples("istio_mcp_message_sizes_bytes_sum")).toEqual([
    'istio_mcp_message_sizes_bytes_sum{component="galley"} 100',
  ]);
});

test("failures are counted by the number of their code, with its name beside it", async () => {
  const serving = servingMetrics(metrics, "mcp");
  serving.sendFailed(gateways);
  serving.receiveFailed(13);
  expect(await samples("istio_mcp_send_failures_total")).toEqual([
    'istio_mcp_send_failures_total{component="galley",code="14",error="Unavailable"} 1',
  ]);
  expect(await samples("istio_mcp_recv_failures_total")).toEqual([
    'istio_mcp_recv_failures_total{component="galley",code="13",error="Internal"} 1',
  ]);
});

test("a stream that is ended for what its peer says has failed, but nothing failed to be received", async () => {
  servingMetrics(metrics, "mcp").refused(3);
  servingMetrics(metrics, "xds").refused(8);
  expect(await samples("galley_stream_failures_total")).toEqual([
    'galley_stream_failures_total{protocol="mcp",code="InvalidArgument"} 1',
    'galley_stream_failures_total{protocol="xds",code="ResourceExhausted"} 1',
  ]);
  expect(await samples("istio_mcp_recv_failures_total")).toEqual([]);
});

test("the call-out counts every stream it opens", async () => {
  calloutMetrics(metrics).connected();
  expect(await samples("istio_mcp_reconnections")).toEqual(['istio_mcp_reconnections{component="galley"} 1']);
});

test("spans and lifetimes are measured from the second event on", async () => {
  const clock = new ManualClock();
  const runtime: RuntimeObserver = runtimeMetrics(metrics, clock, 1000);
  runtime.eventsProcessed(5);
  runtime.published(5, 0);
  clock.advance(40);
  runtime.eventsProcessed(2);
  runtime.published(2, 40);
  const prefix = "galley_runtime_processor";
  expect(await samples(`${prefix}_event_span_duration_milliseconds_sum`)).toEqual([
    `${prefix}_event_span_duration_milliseconds_sum 40`,
  ]);
  expect(await samples(`${prefix}_snapshot_lifetime_duration_milliseconds_count`)).toEqual([
    `${prefix}_snapshot_lifetime_duration_milliseconds_count 1`,
  ]);
  expect(await samples(`${prefix}_events`)).toEqual([`${prefix}_events_processed_total 7`]);
  expect(await samples(`${prefix}_snapshots`)).toEqual([`${prefix}_snapshots_published_total 2`]);
});

test("changes that join a waiting publication reset its timer, and a window at its widest ran out", async () => {
  const runtime = runtimeMetrics(metrics, new ManualClock(), 1000);
  for (const windowMs of [10, 1000]) {
    runtime.changed();
    runtime.changed();
    runtime.windowMs(windowMs);
    runtime.published(2, 5);
  }
  const prefix = "galley_runtime_strategy";
  expect(await samples(prefix)).toEqual([
    `${prefix}_on_change_total 4`,
    `${prefix}_timer_max_time_reached_total 1`,
    `${prefix}_timer_quiesce_reached_total 1`,
    `${prefix}_timer_resets_total 2`,
  ]);
  expect(await samples("galley_publish_window_seconds")).toEqual(["galley_publish_window_seconds 1"]);
});

test("resources are counted by collection, and under the name that dashboards sum up", async () => {
  const runtime = runtimeMetrics(metrics, new ManualClock(), 1000);
  runtime.collectionSize(gateways, 3);
  runtime.collectionSize(gateways, 2);
  expect(await samples("galley_runtime_state_type_instances_total")).toEqual([
    `galley_runtime_state_type_instances_total{collection="${gateways}"} 2`,
  ]);
  expect(await samples("galley_istio_networking_gateways")).toEqual([
    'galley_istio_networking_gateways{version="v1alpha3"} 2',
  ]);
});
