import { expect, test } from "vitest";

import { ManualClock } from "../../lib/manual-clock.ts";
import { createMetrics } from "./create.ts";
import { readCalledSinks, readPushAge, readSources, readSubscriptions } from "./read-from.ts";

test("the state of the sources and their problems are those of the moment of reading", async () => {
  const metrics = createMetrics({ version: "1.0", collections: [] });
  const view = {
    sources: [{ name: "files", state: "starting" }],
    problems: { counts: () => ({ error: 2, warning: 1, info: 0 }) },
  };
  readSources(metrics, view);
  expect(await metrics.render()).toContain('galley_source_synced{source="files"} 0');
  view.sources = [{ name: "files", state: "failed" }];
  const text = await metrics.render();
  expect(text).toContain('galley_source_degraded{source="files"} 1');
  expect(text).toContain('galley_source_problems{severity="error"} 2');
  expect(text).toContain('galley_source_problems{severity="info"} 0');
});

test("the subscriptions are those of the moment of reading", async () => {
  const collection = "istio/networking/v1alpha3/gateways";
  const metrics = createMetrics({ version: "1.0", collections: [collection] });
  let open = 1;
  readSubscriptions(metrics, [collection], () => open);
  open = 7;
  expect(await metrics.render()).toContain(`galley_subscriptions{collection="${collection}"} 7`);
});

test("the sinks that are called are counted by state, and not at all where none is", async () => {
  const metrics = createMetrics({ version: "1.0", collections: [] });
  readCalledSinks(metrics, []);
  expect(await metrics.render()).not.toContain("galley_called_sinks{");
  const called = [{ state: "connected" }, { state: "waiting" }];
  readCalledSinks(metrics, called);
  called[0]!.state = "waiting";
  const text = await metrics.render();
  expect(text).toContain('galley_called_sinks{state="waiting"} 2');
  expect(text).toContain('galley_called_sinks{state="connected"} 0');
});

test("the age of the oldest unanswered push grows until it is answered", async () => {
  const metrics = createMetrics({ version: "1.0", collections: [] });
  const clock = new ManualClock();
  let oldest: number | undefined = clock.now();
  readPushAge(metrics, clock, () => oldest);
  clock.advance(2500);
  expect(await metrics.render()).toContain("galley_unacknowledged_push_age_seconds 2.5");
  oldest = undefined;
  expect(await metrics.render()).toContain("galley_unacknowledged_push_age_seconds 0");
});
