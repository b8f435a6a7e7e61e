import { setTimeout as wait } from "node:timers/promises";
import type { ConnectPlan } from "../processes/load.ts";
import { Fleet } from "./fleet.ts";
import type { Spent } from "./gauge.ts";
import type { Row } from "./bench.ts";
import { median } from "./statistics.ts";

/** A server that pushes when it is told to. */
export interface Pusher {
  readonly port: number;
  /** Begins one push to every stream; gives the time on the shared clock. */
  push(): Promise<number>;
  spent(): Promise<Spent>;
  end(): Promise<void>;
}

/** What one push to everybody costs; medians of several. */
export interface FanOut {
  readonly cpuMs: number;
  /** From the push to the last byte at the last sink. */
  readonly lastMs: number;
  /** From the push until the last answer has reached the server. */
  readonly answeredMs: number;
  readonly loopP99Ms: number;
  readonly peakMiB: number;
  readonly idleMiB: number;
  readonly pushBytes: number;
}

/** Long enough for a server to come to rest after a push, ms. */
const REST_MS = 300;

/** Connects so many sinks and pushes to them, so many times after one to warm up. */
export async function measureFanOut(
  server: Pusher,
  sinks: number,
  plan: Omit<ConnectPlan, "count" | "host" | "port">,
  rounds: number,
): Promise<FanOut> {
  const fleet = new Fleet();
  try {
    await fleet.connect(sinks, { ...plan, port: server.port });
    await fleet.received();
    await wait(REST_MS);
    const { residentMiB: idleMiB } = await server.spent();
    const taken: { spent: Spent; lastMs: number; answeredMs: number; bytes: number }[] = [];
    for (let round = 0; round <= rounds; round++) {
      await fleet.expect(1);
      await server.spent();
      const pushedAt = await server.push();
      const { last, bytes } = await fleet.received();
      await wait(REST_MS);
      const spent = await server.spent();
      const figures = { spent, lastMs: last - pushedAt, answeredMs: spent.heardAt - pushedAt, bytes };
      if (round > 0) taken.push(figures);
    }
    const middle = (read: (figures: (typeof taken)[number]) => number): number => median(taken.map(read));
    return {
      cpuMs: middle(({ spent }) => spent.cpuMs),
      lastMs: middle(({ lastMs }) => lastMs),
      answeredMs: middle(({ answeredMs }) => answeredMs),
      loopP99Ms: middle(({ spent }) => spent.loopP99Ms),
      peakMiB: Math.max(...taken.map(({ spent }) => spent.peakMiB)),
      idleMiB,
      pushBytes: Math.round(middle(({ bytes }) => bytes) / sinks),
    };
  } finally {
    await Promise.all([fleet.end(), server.end()]);
  }
}

/** Makes the lines of a table that compare a fan-out with its floor. */
export function comparing(
  bench: string,
  ours: FanOut,
  floor: FanOut,
): (what: string, unit: string, target: string, read: (from: FanOut) => number) => Row {
  return (what, unit, target, read) => ({
    bench,
    what,
    value: read(ours),
    unit,
    target,
    floor: { name: "node:http2", value: read(floor) },
  });
}
