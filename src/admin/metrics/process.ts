import { readdir, stat } from "node:fs/promises";

import { collectDefaultMetrics, Gauge } from "prom-client";
import type { Registry } from "prom-client";

// What costs more the more connections there are (9,000 sockets: 50 ms of a blocked loop for one scrape), or is measured
// better elsewhere (`galley_event_loop_delay_seconds`).
const unwanted = /^(process_open_fds|nodejs_active_.*|nodejs_eventloop_lag_.*)$/;

// The client measures the event loop whether it is asked to or not; this makes it do so once an hour.
const SELDOM_MS = 3_600_000;

/**
 * Adds the metrics of the process and of Node under their customary names (`process_*`, `nodejs_*`). Once a process: the
 * client's observer of garbage collections can't be taken off again.
 */
export function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: SELDOM_MS });
  for (const { name } of registry.getMetricsAsArray()) {
    if (unwanted.test(name)) registry.removeSingleMetric(name);
  }
  const openDescriptors = new Gauge({
    name: "process_open_fds",
    help: "Number of open file descriptors.",
    registers: [],
    async collect() {
      const count = await countDescriptors();
      if (count !== undefined) this.set(count);
    },
  });
  registry.registerMetric(openDescriptors);
}

// Since Linux 6.2 the size of the folder is the number of its entries; before, and in some sandboxes, it is 0.
async function countDescriptors(): Promise<number | undefined> {
  const folder = "/proc/self/fd";
  try {
    const { size } = await stat(folder);
    return size > 0 ? size : (await readdir(folder)).length;
  } catch {
    return undefined;
  }
}
