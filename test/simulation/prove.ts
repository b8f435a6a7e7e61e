import { describe, expect, test } from "vitest";
import { report, shorten, simulate } from "./schedule.ts";

/** All schedules, of which each test file runs its part: the machine has more than one core. */
const SCHEDULES = Number(process.env["GALLEY_SIMULATION_SCHEDULES"] ?? 10_000);

/** Schedules of one test: few enough for its timeout, however slow the machine is. */
const BATCH = 500;

const TIMEOUT_MS = 120_000;

/** What schedules are for. Where they no longer come across it, they prove nothing about it. */
const worthMeeting = [
  "a source back with other content",
  "a resource made anew",
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
  "a stream over HTTP/2",
  "a handshake turned down",
  "a stream refused",
  "a stream that waits to be let in",
  "a stream ended by another list",
  "another credentials taken over",
  "a bad credentials refused",
  "another list taken over",
  "a bad list refused",
  "over xDS: subscribed",
  "over xDS: resubscribed",
  "over xDS: adjusted",
  "over xDS: acked",
  "over xDS: nacked",
  "over xDS: stale",
  "over xDS: everything",
  "over xDS: a delta",
  "over xDS: removals",
  "over xDS: a resume",
  "over xDS: a push that was given up",
  "over xDS: held back",
  "over xDS: the last good version stays",
  "over xDS: a translated plugin",
  "over xDS: types in order",
  "over xDS: an answer to what nobody knows",
];

/** Has schedules run in batches: part `part` of `parts`, counted from 0, of all. */
export function proveSchedules(part: number, parts: number): void {
  const size = Math.ceil(SCHEDULES / parts);
  const [first, last] = [part * size + 1, Math.min(SCHEDULES, (part + 1) * size)];
  const met = new Map<string, number>();

  describe("every invariant holds, and every sink ends with exactly the last snapshot", () => {
    for (let from = first; from <= last; from += BATCH) {
      const to = Math.min(last, from + BATCH - 1);
      test(`whatever schedules ${from} to ${to} do`, { timeout: TIMEOUT_MS }, () => prove(from, to, met));
    }
  });

  test("the schedules come across all that they are for", () => {
    const few = Math.floor((last - first + 1) / 100);
    expect(worthMeeting.filter((what) => (met.get(what) ?? 0) < few)).toEqual([]);
  });
}

/** Has the schedules from one seed to another run; the first that fails is told as shortly as possible. */
export async function prove(from: number, to: number, met: Map<string, number> = new Map()): Promise<void> {
  for (let seed = from; seed <= to; seed++) {
    const failure = await simulate(seed, { met });
    if (failure !== undefined) expect.fail(report(await shorten(failure)));
  }
}
