import { expect, test } from "vitest";
import { report, shorten, simulate } from "./schedule.ts";

const schedules = Number(process.env["GALLEY_SIMULATION_SCHEDULES"] ?? 3000);
const only = process.env["GALLEY_SEED"];
const seeds = only === undefined ? Array.from({ length: schedules }, (_, i) => i + 1) : [Number(only)];

/** What schedules are for. Where they no longer come across it, they prove nothing about it. */
const worthMeeting = [
  "subscribed",
  "resubscribed",
  "acked",
  "nacked",
  "stale",
  "everything",
  "a delta",
  "removals",
  "a resume",
  "versions that were never sent",
  "a subscribe that answers overtook",
  "a push that waits for room",
  "a push cut short",
  "a stream ended",
  "a stream cut off",
];

test("whatever the schedule of faults, every invariant holds and every sink ends with exactly the last snapshot", async () => {
  const met = new Map<string, number>();
  for (const seed of seeds) {
    const failure = await simulate(seed, { met });
    if (failure !== undefined) expect.fail(report(await shorten(failure)));
  }
  if (only !== undefined) return;
  expect(worthMeeting.filter((what) => (met.get(what) ?? 0) < Math.floor(seeds.length / 100))).toEqual([]);
}, 600_000);
