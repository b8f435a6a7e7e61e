// Runs random schedules of faults for as long as it is told to: `npm run soak -- 30m`, `npm run soak -- 2h 12345`.
import { report, shorten, simulate } from "../test/simulation/schedule.ts";

const usage = "usage: npm run soak -- <duration, such as 90s, 30m or 8h> [first seed]";
const unitMs = { s: 1000, m: 60_000, h: 3_600_000 } as const;
/** How often it says how far it is. */
const PROGRESS_MS = 10_000;

async function main([duration = "", first]: readonly string[]): Promise<number> {
  const parts = /^(\d+)([smh])$/.exec(duration);
  if (parts === null || (first !== undefined && !/^\d+$/.test(first))) {
    console.error(usage);
    return 2;
  }
  const lastsMs = Number(parts[1]) * unitMs[parts[2] as keyof typeof unitMs];
  // Another run takes other schedules, unless it is told where to begin.
  const start = first === undefined ? Date.now() % 2 ** 31 : Number(first);
  console.log(`schedules from seed ${start} on, for ${duration}`);
  return soak(start, lastsMs);
}

async function soak(start: number, lastsMs: number): Promise<number> {
  const begun = performance.now();
  let shown = begun;
  for (let seed = start; ; seed++) {
    const failure = await simulate(seed);
    if (failure !== undefined) {
      console.error(report(await shorten(failure)));
      return 1;
    }
    const now = performance.now();
    const isOver = now - begun >= lastsMs;
    if (isOver || now - shown >= PROGRESS_MS) {
      shown = now;
      showProgress(seed - start + 1, seed, (now - begun) / 1000);
    }
    if (isOver) return 0;
  }
}

function showProgress(schedules: number, seed: number, seconds: number): void {
  const heap = Math.round(process.memoryUsage().heapUsed / 1024 / 1024);
  const rate = Math.round(schedules / seconds);
  console.log(`${Math.round(seconds)} s: ${schedules} schedules hold, ${rate}/s, last seed ${seed}, heap ${heap} MB`);
}

process.exitCode = await main(process.argv.slice(2));
