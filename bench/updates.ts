import type { Bench } from "./lib/bench.ts";
import { COLLECTION } from "./lib/corpus.ts";
import { Fleet } from "./lib/fleet.ts";
import { galley } from "./lib/pushers.ts";
import { staleness } from "./lib/staleness.ts";
import { quantile } from "./lib/statistics.ts";

const SINKS = 1_000;
const RESOURCES = 1_000;
const BYTES_EACH = 300;
const PER_SECOND = 10_000;
/** How many of the resources change: few, again and again, as what follows health and load does. */
const BUSY = 100;

/** How stale sinks get, and what a server needs, while its source says far more than anybody can be sent. */
export const bench: Bench = {
  name: "updates",
  about: "10,000 source updates a second of 100 resources into 1,000 delta sinks, for 15 s, or a minute with --long",
  async run(_folder, { long }) {
    const seconds = long ? 60 : 15;
    const server = await galley({ collections: [COLLECTION], resources: RESOURCES, bytesEach: BYTES_EACH });
    const fleet = new Fleet();
    try {
      const plan = { collections: [COLLECTION], incremental: true, windowBytes: 4 * 1024 * 1024, port: server.port };
      await fleet.connect(SINKS, plan);
      await fleet.received();
      await fleet.record();
      await server.spent();
      const before = await server.spent();
      const publications = await server.remote.ask("change", { perSecond: PER_SECOND, seconds, among: BUSY });
      const after = await server.spent();
      const { superseded, pushed } = await server.remote.ask("pushes", undefined);
      const stale = staleness(publications, await fleet.recorded()).map(({ ms }) => ms);
      const row = (what: string, value: number, unit: string, target = "–") => {
        return { bench: "updates", what, value, unit, target };
      };
      return [
        row("staleness at a sink, p50", quantile(stale, 0.5), "ms"),
        row("staleness at a sink, p99", quantile(stale, 0.99), "ms", "≤ 500"),
        row("updates in one publication", (PER_SECOND * seconds) / publications.length, ""),
        row("versions passed over, of those due", (superseded / (superseded + pushed)) * 100, "%"),
        row("CPU of the server", (after.cpuMs / 1000 / seconds) * 100, "%"),
        row("memory in use, growth", after.liveMiB - before.liveMiB, "MiB", "flat"),
        row("event loop delay, p99", after.loopP99Ms, "ms", "≤ 20"),
      ];
    } finally {
      await Promise.all([fleet.end(), server.end()]);
    }
  },
};
