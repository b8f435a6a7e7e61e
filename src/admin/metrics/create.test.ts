import { expect, test } from "vitest";

import { ManualClock } from "../../lib/manual-clock.ts";
import { buckets } from "./buckets.ts";
import { catalogue, DEFAULT_LABEL_SETS } from "./catalogue.ts";
import { createMetrics } from "./create.ts";
import { runtimeMetrics, servingMetrics } from "./observers.ts";
import { addProcessMetrics } from "./process.ts";

const SERIES_BUDGET = 2000;
const specs = Object.values(catalogue);

function countSeries(text: string): number {
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
}

test("10,000 sinks, 100,000 resources and hostile labels stay within the series budget", async () => {
  const collections = Array.from({ length: 100 }, (_, i) => `istio/networking/v1alpha3/kind${i}`);
  const metrics = createMetrics({ version: "1.0", collections });
  addProcessMetrics(metrics.registry);
  for (const protocol of ["mcp", "xds"] as const) {
    const serving = servingMetrics(metrics, protocol);
    for (let sink = 0; sink < 10_000; sink++) {
      serving.streamOpened();
      const collection = sink % 3 === 0 ? `made/up/v1/by-sink-${sink}` : collections[sink % 100]!;
      serving.requestReceived(collection, sink);
      serving.judged(collection, "acked", undefined);
      serving.judged(collection, "nacked", sink);
      serving.judged(collection, `verdict-${sink}`, undefined);
      serving.pushed(collection, sink % 2 === 0 ? "full" : "delta", 100);
      serving.superseded(collection);
      serving.sendFailed(collection);
      serving.receiveFailed(sink);
      metrics.subscriptions.with(collection).add(1);
      metrics.sourceSynced.with(`source-${sink}`).set(1);
    }
  }
  const runtime = runtimeMetrics(metrics, new ManualClock(), 1000);
  for (let i = 0; i < 100_000; i++) {
    runtime.eventsProcessed(1);
    runtime.collectionSize(i % 2 === 0 ? collections[i % 100]! : `made/up/v1/resource-${i}`, i);
    runtime.published(1, i);
  }
  expect(countSeries(await metrics.render())).toBeLessThan(SERIES_BUDGET);
});

test("the catalogue itself keeps within the budget, whatever is counted", () => {
  const worst = specs.map((spec) => {
    const sets = spec.labels.length === 0 ? 1 : (spec.labelSets ?? DEFAULT_LABEL_SETS) + 1;
    return sets * (spec.buckets === undefined ? 1 : buckets[spec.buckets].length + 3);
  });
  const namedAfterCollections = DEFAULT_LABEL_SETS;
  expect(worst.reduce((a, b) => a + b, namedAfterCollections)).toBeLessThan(SERIES_BUDGET);
});

test("no label of the catalogue could name a resource, a connection or a text", () => {
  const labels = new Set(specs.flatMap((spec) => Object.keys(spec.fixed ?? {}).concat(spec.labels)));
  for (const label of ["name", "namespace", "connectionID", "peer", "message"]) expect(labels).not.toContain(label);
});

test("a metric without labels is there from the start", async () => {
  const text = await createMetrics({ version: "1.0", collections: [] }).render();
  expect(text).toContain("\ngalley_runtime_strategy_on_change_total 0\n");
  expect(text).toContain('\nistio_mcp_clients_total{component="galley"} 0\n');
  expect(text).toContain('\nistio_build{component="galley",tag="1.0"} 1\n');
});

test("reading twice counts nothing twice", async () => {
  const metrics = createMetrics({ version: "1.0", collections: [] });
  metrics.processorEvents.with().inc(3);
  const first = await metrics.render();
  expect(await metrics.render()).toBe(first);
  expect(first).toContain("\ngalley_runtime_processor_events_processed_total 3\n");
});

test("readers at the same time share one rendering", async () => {
  const metrics = createMetrics({ version: "1.0", collections: [] });
  const first = metrics.render();
  expect(metrics.render()).toBe(first);
  await first;
  expect(metrics.render()).not.toBe(first);
});

test("a value can be asked for when it is read", async () => {
  const metrics = createMetrics({ version: "1.0", collections: [] });
  let age = 1;
  metrics.unacknowledgedPushAge.with().readFrom(() => age);
  age = 2.5;
  expect(await metrics.render()).toContain("\ngalley_unacknowledged_push_age_seconds 2.5\n");
});

test("a label can't break the format", async () => {
  const metrics = createMetrics({ version: 'a"b\\c\nd', collections: [] });
  expect(await metrics.render()).toContain('tag="a\\"b\\\\c\\nd"} 1');
});

test("two collections that differ in their version only share a metric", async () => {
  const collections = ["acme/net/v1/things", "acme/net/v2/things"];
  const metrics = createMetrics({ version: "1.0", collections });
  for (const [i, collection] of collections.entries()) metrics.countResources(collection, i + 1);
  const text = await metrics.render();
  expect(text).toContain('galley_acme_net_things{version="v1"} 1\ngalley_acme_net_things{version="v2"} 2');
});

test("a collection can't take the name of a metric of the catalogue", async () => {
  const collection = "runtime/state/v1/type_instances_total";
  const metrics = createMetrics({ version: "1.0", collections: [collection] });
  metrics.countResources(collection, 7);
  const named = (await metrics.render()).split("\n").filter((line) => line.startsWith("galley_runtime_state_type"));
  expect(named).toEqual([`galley_runtime_state_type_instances_total{collection="${collection}"} 7`]);
});
