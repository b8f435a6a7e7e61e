import { expect, test } from "vitest";
import { createMetrics } from "../../src/admin/metrics/create.ts";
import { servingMetrics } from "../../src/admin/metrics/observers.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { RawSink } from "../support/raw-sink.ts";
import { A, TestServer } from "../support/test-server.ts";
import { DeltaClient, node, SotwClient } from "../support/xds-client.ts";

test("7, 19, 62: a conversation leaves its traces in the metrics, under the names of Galley 1.3.6", async () => {
  const metrics = createMetrics({ version: "test", collections: istioCollections().all.map((spec) => spec.name) });
  await using server = await TestServer.start({ mcp: { observer: servingMetrics(metrics, "mcp") } });
  using sink = new RawSink(server.address);
  server.publish({ [A]: { a: "1" } });
  sink.send({ collection: A });
  sink.ack(await sink.next());
  server.publish({ [A]: { a: "2" } });
  sink.nack(await sink.next());
  const nacked = `istio_mcp_request_nacks_total{component="galley",collection="${A}",code="InvalidArgument"} 1`;
  while (!(await metrics.render()).includes(nacked)) await new Promise((resolve) => setImmediate(resolve));
  const text = await metrics.render();
  expect(text).toContain(`istio_mcp_request_acks_total{component="galley",collection="${A}"} 1`);
  expect(text).toContain('istio_mcp_clients_total{component="galley"} 1');
  expect(text).toContain('istio_mcp_message_sizes_bytes_count{component="galley"} 3');
  sink.halfClose(); // 19
  expect((await sink.status).code).toBe(0);
  await server.sinks(0);
  expect(await metrics.render()).toContain('istio_mcp_clients_total{component="galley"} 0');
});

test("streams that end because of what their peers ask for count as failures, but not as failures to receive", async () => {
  const metrics = createMetrics({ version: "test", collections: istioCollections().all.map((spec) => spec.name) });
  const failures = async (): Promise<readonly string[]> =>
    (await metrics.render()).split("\n").filter((line) => /^(galley_stream|istio_mcp_recv)_failures_total/u.test(line));
  await using server = await TestServer.start({
    mcp: { observer: servingMetrics(metrics, "mcp") },
    xds: { observer: servingMetrics(metrics, "xds") },
  });
  using sink = new RawSink(server.address);
  sink.send({ collection: "unheard-of" });
  expect((await sink.status).code).toBe(3);
  using nameless = new SotwClient(server.address);
  nameless.send({ typeUrl: "a/v1/B" });
  expect((await nameless.ended()).code).toBe(3);
  using greedy = new DeltaClient(server.address);
  greedy.send({ node, typeUrl: "a/v1/B", resourceNamesSubscribe: Array.from({ length: 200_001 }, () => "n") });
  expect((await greedy.ended()).code).toBe(8);
  expect([...(await failures())].sort()).toEqual([
    'galley_stream_failures_total{protocol="mcp",code="InvalidArgument"} 1',
    'galley_stream_failures_total{protocol="xds",code="InvalidArgument"} 1',
    'galley_stream_failures_total{protocol="xds",code="ResourceExhausted"} 1',
  ]);
});
