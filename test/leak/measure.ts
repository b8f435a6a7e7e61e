// Run as `node --expose-gc --import tsx test/leak/measure.ts <scenario> <count>`: prints what the heap held before and after.
import { setTimeout as pause } from "node:timers/promises";
import { scenarios } from "./scenarios.ts";

/** Before the first measurement, so that code is compiled and pools have their size. */
const WARM_UP = 2000;

async function measure(name: string, count: number): Promise<{ readonly before: number; readonly after: number }> {
  const scenario = await scenarios[name]!();
  for (let i = 1; i <= Math.min(WARM_UP, count); i++) await scenario.step(i);
  const before = await heapUsed();
  for (let i = 1; i <= count; i++) await scenario.step(i);
  const after = await heapUsed();
  await scenario.end();
  return { before, after };
}

/** What is in use when all that can be collected has been. */
async function heapUsed(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    await pause(20); // sockets close in their own time
    globalThis.gc!();
  }
  return process.memoryUsage().heapUsed;
}

const [name = "", count = ""] = process.argv.slice(2);
console.log(JSON.stringify(await measure(name, Number(count))));
