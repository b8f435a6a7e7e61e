import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const script = fileURLToPath(new URL("./measure.ts", import.meta.url));

/** Growth that counts as none: the heap is never twice the same to the byte. */
const TOLERANCE = 0.05;

/** Of these, a tenth come over real connections. */
const connects = Number(process.env["GALLEY_LEAK_CONNECTS"] ?? 100_000);

/** By how much the heap of a process of its own grew while it did something so many times, 0.05 for 5 %. */
async function growth(scenario: string, count: number): Promise<number> {
  const args = ["--expose-gc", "--import", "tsx", script, scenario, String(count)];
  const { stdout } = await run(process.execPath, args);
  const { before, after } = JSON.parse(stdout) as { readonly before: number; readonly after: number };
  return after / before - 1;
}

describe("the heap is as it was", { timeout: 300_000 }, () => {
  test(`after ${connects} sinks came and went`, async () => {
    expect(await growth("memory", connects)).toBeLessThan(TOLERANCE);
  });

  test(`after ${connects / 10} sinks came and went over real connections`, async () => {
    expect(await growth("loopback", connects / 10)).toBeLessThan(TOLERANCE);
  });

  test("after 5000 snapshots were published while a sink did not read", async () => {
    expect(await growth("publishes", 5000)).toBeLessThan(TOLERANCE);
  });

  test("not when a server keeps what it should let go: the measurement would notice", async () => {
    expect(await growth("forgetful", 2000)).toBeGreaterThan(TOLERANCE);
  });
});
