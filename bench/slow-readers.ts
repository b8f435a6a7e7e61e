import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./lib/bench.ts";
import { COLLECTION } from "./lib/corpus.ts";
import { Fleet } from "./lib/fleet.ts";
import { galley } from "./lib/pushers.ts";
import { quantile } from "./lib/statistics.ts";

const SINKS = 1_000;
const STALLED = 50;
const RESOURCES = 350;
const BYTES_EACH = 290;
const PUSH_EVERY_MS = 1_000;

/** Whether sinks that stop to read hold up the others. */
export const bench: Bench = {
  name: "slow-readers",
  about: "1,000 sinks are pushed 100 KB each second; 50 stop to read for 15 s, or a minute with --long",
  async run(_folder, { long }) {
    const pushes = long ? 60 : 15;
    const server = await galley({ collections: [COLLECTION], resources: RESOURCES, bytesEach: BYTES_EACH });
    const fleet = new Fleet();
    try {
      const plan = { collections: [COLLECTION], incremental: false, windowBytes: 4 * 1024 * 1024, port: server.port };
      await fleet.connect(SINKS, plan);
      await fleet.received();
      const phase = async (): Promise<number[]> => {
        await fleet.record();
        const pushedAt: number[] = [];
        for (let i = 0; i < pushes; i++) {
          pushedAt.push(await server.push());
          await wait(PUSH_EVERY_MS);
        }
        const delays: number[] = [];
        for (const arrivals of await fleet.recorded()) {
          for (const { at } of arrivals) delays.push(at - (pushedAt.findLast((time) => time <= at) ?? at));
        }
        return delays;
      };
      const without = await phase();
      await server.spent();
      const before = await server.spent();
      await fleet.stall(STALLED);
      const withStalled = await phase();
      await server.spent();
      const after = await server.spent();
      const row = (what: string, q: number, target: string): Row => ({
        bench: "slow-readers",
        what,
        value: quantile(withStalled, q),
        unit: "ms",
        target,
        floor: { name: "all reading", value: quantile(without, q) },
      });
      return [
        row("change → sink that reads, p50", 0.5, "–"),
        row("change → sink that reads, p99", 0.99, "≤ 1.1×"),
        {
          bench: "slow-readers",
          what: "memory of a sink that stalls",
          value: ((after.liveMiB - before.liveMiB) * 1024) / STALLED,
          unit: "KiB",
          target: "≤ 64",
        },
      ];
    } finally {
      await Promise.all([fleet.end(), server.end()]);
    }
  },
};
