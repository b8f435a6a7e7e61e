import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./lib/bench.ts";
import { COLLECTION } from "./lib/corpus.ts";
import { Fleet } from "./lib/fleet.ts";
import { galley } from "./lib/pushers.ts";
import { staleness } from "./lib/staleness.ts";
import { median, quantile } from "./lib/statistics.ts";

const SINKS = 1_000;
const STALLED = 50;
const RESOURCES = 350;
const BYTES_EACH = 290;
const PUSH_EVERY_MS = 1_000;
/** Seconds of each phase, in turn with all reading and with some stalled. A slow spell of the machine is to hit both alike. */
const PHASES = [5, 5, 5, 5, 5, 5, 5];
const LONG_PHASES = [20, 60, 20, 60, 20];

/** For each push, how long it took to each sink that reads, ms. */
type Delays = number[][];

/** Whether sinks that stop to read hold up the others. */
export const bench: Bench = {
  name: "slow-readers",
  about: "1,000 sinks are pushed 100 KB each second; 50 stop to read for 5 s, or a minute with --long, now and then",
  async run(_folder, { long }) {
    const server = await galley({ collections: [COLLECTION], resources: RESOURCES, bytesEach: BYTES_EACH });
    const fleet = new Fleet();
    try {
      const plan = { collections: [COLLECTION], incremental: false, windowBytes: 4 * 1024 * 1024, port: server.port };
      await fleet.connect(SINKS, plan);
      await fleet.received();
      const phase = async (pushes: number): Promise<Delays> => {
        await server.remote.ask("publications", undefined);
        await fleet.record();
        for (let i = 0; i < pushes; i++) {
          await server.push();
          await wait(PUSH_EVERY_MS);
        }
        return byPush(staleness(await server.remote.ask("publications", undefined), await fleet.recorded()));
      };
      const live = async (): Promise<number> => {
        await server.spent();
        return (await server.spent()).liveMiB;
      };
      // The first pushes are not like the others: all that is made once is made then.
      await phase(2);
      const without: Delays = [];
      const withStalled: Delays = [];
      let keptMiB = -Infinity;
      for (const [i, seconds] of (long ? LONG_PHASES : PHASES).entries()) {
        if (i % 2 === 0) {
          without.push(...(await phase(seconds)));
          continue;
        }
        const before = await live();
        await fleet.stall(STALLED);
        withStalled.push(...(await phase(seconds)));
        keptMiB = Math.max(keptMiB, (await live()) - before);
        await fleet.resume();
        // They catch up, which is no part of either.
        await wait(PUSH_EVERY_MS);
      }
      const row = (what: string, of: (delays: Delays) => number, target: string): Row => ({
        bench: "slow-readers",
        what,
        value: of(withStalled),
        unit: "ms",
        target,
        floor: { name: "all reading", value: of(without) },
      });
      const each = (q: number) => (delays: Delays) => median(delays.map((one) => quantile(one, q)));
      return [
        row("change → sink that reads, p50 of a push, median", each(0.5), "–"),
        row("change → sink that reads, p99 of a push, median", each(0.99), "≤ 1.1×"),
        row("change → sink that reads, p99 of all pushes", (delays) => quantile(delays.flat(), 0.99), "–"),
        {
          bench: "slow-readers",
          what: "memory of a sink that stalls",
          value: (keptMiB * 1024) / STALLED,
          unit: "KiB",
          target: "≤ 64",
        },
      ];
    } finally {
      await Promise.all([fleet.end(), server.end()]);
    }
  },
};

function byPush(late: readonly { readonly publication: number; readonly ms: number }[]): Delays {
  const delays: Delays = [];
  for (const { publication, ms } of late) (delays[publication] ??= []).push(ms);
  return delays.filter((one) => one !== undefined);
}
