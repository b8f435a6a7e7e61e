import { expect, test, vi } from "vitest";
import { simulate } from "../schedule.ts";

// No part of the server can be exchanged to bring this fault about: ranks are facts, not dependencies.
vi.mock(import("../../../src/xds/feeds/ranks.ts"), () => ({ rankOf: () => 0 }));

test("a server is found out that sends types in no order", async () => {
  const found: string[] = [];
  for (let seed = 1; seed <= 100; seed++) {
    const failure = await simulate(seed);
    if (failure?.found.includes("which it may refer to") === true) return;
    if (failure !== undefined) found.push(failure.found);
  }
  expect.fail(`100 schedules find ${found[0] ?? "nothing wrong"}`);
});
