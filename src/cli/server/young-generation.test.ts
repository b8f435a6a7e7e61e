import { setImmediate as turn } from "node:timers/promises";
import { getHeapSpaceStatistics } from "node:v8";
import { describe, expect, it } from "vitest";
import { keepYoungGenerationSmall } from "./young-generation.ts";

const MIB = 1024 * 1024;

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")!.space_size;
}

/** Makes what is there to stay, until the young generation is as large as this, or has had every reason to be. */
async function makeLasting(bytes: number): Promise<void> {
  const lasting: object[][] = [];
  for (let i = 0; i < 400 && youngBytes() < bytes; i++) {
    lasting.push(Array.from({ length: 5_000 }, (_, at) => ({ i, at })));
    // The engine tells of a collection in a later turn.
    if (i % 4 === 0) await turn();
  }
}

describe("the young generation", () => {
  it("stays small while everything lasts, and grows when it is let go", async () => {
    const letGrow = keepYoungGenerationSmall();
    await turn();
    const before = youngBytes();
    await makeLasting(32 * MIB);
    expect(youngBytes()).toBeLessThanOrEqual(Math.max(before, 16 * MIB));
    letGrow();
    await makeLasting(32 * MIB);
    expect(youngBytes()).toBeGreaterThan(16 * MIB);
  });
});
