import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { run, schedule } from "./interests/convergence.ts";
import { mutants } from "./interests/mutants.ts";
import { real } from "./machine.ts";

const numRuns = Number(process.env["GALLEY_PROPERTY_RUNS"] ?? 3000);

test("whatever a client wants and how often it changes its mind, every invariant holds and it ends with exactly that", () => {
  fc.assert(
    fc.property(schedule, (s) => run(real, s)),
    { numRuns },
  );
});

describe("a mutant is found out that", () => {
  for (const [name, mutant] of Object.entries(mutants)) {
    test(name, () => {
      const found = fc.check(
        fc.property(schedule, (s) => run({ ...real, ...mutant }, s)),
        { numRuns: 5000, endOnFailure: true },
      );
      expect(found.failed).toBe(true);
    });
  }
});
