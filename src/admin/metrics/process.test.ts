import { Registry } from "prom-client";
import { expect, test } from "vitest";

import { addProcessMetrics } from "./process.ts";

test("the process is described under the customary names, without what costs more for each connection", async () => {
  const registry = new Registry();
  addProcessMetrics(registry);
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["process_cpu_seconds_total", "process_resident_memory_bytes"]));
  expect(names.filter((name) => /^nodejs_(active|eventloop)/.test(name))).toEqual([]);
  const descriptors = /^process_open_fds (\d+)$/m.exec(await registry.metrics());
  expect(Number(descriptors?.[1])).toBeGreaterThan(2);
});
