import { expect, test } from "vitest";
import { createMetrics } from "../../src/admin/metrics/create.ts";
import { servingMetrics } from "../../src/admin/metrics/observers.ts";
import { istioCollections } from "../../src/model/registry.ts";
import { RawSink } from "../support/raw-sink.ts";
import { A, TestServer } from "../support/test-server.ts";

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
