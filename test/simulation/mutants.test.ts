import { describe, expect, test } from "vitest";
import { mutants } from "./mutants.ts";
import { simulate } from "./schedule.ts";

/** More schedules than any mutant survives. */
const MANY = 300;

describe("a server is found out that", () => {
  test.each(Object.entries(mutants))("%s", async (_, [expected, seams]) => {
    const found: string[] = [];
    for (let seed = 1; seed <= MANY; seed++) {
      const failure = await simulate(seed, { seams });
      if (failure === undefined) continue;
      if (expected.test(failure.found)) return;
      found.push(failure.found);
    }
    expect.fail(`${MANY} schedules find ${found.length === 0 ? "nothing wrong" : found[0]}`);
  });
});
