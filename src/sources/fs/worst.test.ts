import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Severity } from "../../model/problem.ts";
import { summaryOf, Worst } from "./worst.ts";

interface Entry {
  readonly severity: Severity;
  readonly at: number;
}

const rank = { error: 0, warning: 1, info: 2 } as const;
const count = (entries: readonly Entry[], severity: Severity): number =>
  entries.filter((entry) => entry.severity === severity).length;

describe("a list of the worst", () => {
  it("has what sorting all by severity and then by place would put first, in the order of places", () => {
    const severities = fc.array(fc.constantFrom<Severity>("error", "warning", "info"), { maxLength: 60 });
    fc.assert(
      fc.property(severities, fc.integer({ min: 1, max: 30 }), (all, most) => {
        const worst = new Worst<Entry>(most);
        const entries = all.map((severity, at) => ({ severity, at }));
        for (const entry of entries) worst.add(entry.severity, () => entry);

        const sorted = entries.toSorted((a, b) => rank[a.severity] - rank[b.severity] || a.at - b.at);
        expect(worst.listed).toEqual(sorted.slice(0, most).sort((a, b) => a.at - b.at));
        const rest = sorted.slice(most);
        for (const severity of ["error", "warning", "info"] as const) {
          expect(worst.leftOut[severity]).toBe(count(rest, severity));
        }
      }),
    );
  });

  it("does not make what it would leave out", () => {
    const worst = new Worst<Entry>(2);
    let made = 0;
    for (let at = 0; at < 10; at++) {
      worst.add("warning", () => {
        made++;
        return { severity: "warning", at };
      });
    }
    expect(made).toBe(2);
  });
});

describe("the summary of what is left out", () => {
  it("is as bad as the worst of it, and counts each severity, the worst first", () => {
    expect(summaryOf({ error: 1, warning: 20, info: 3 }, "the file")).toEqual({
      severity: "error",
      message: "the file has 24 more problems (1 error, 20 warnings, 3 notes); mend those that are listed to see them",
    });
    expect(summaryOf({ error: 0, warning: 1, info: 0 }, "the list")).toEqual({
      severity: "warning",
      message: "the list has 1 more problem (1 warning); mend those that are listed to see them",
    });
  });

  it("is none when nothing is left out", () => {
    expect(summaryOf({ error: 0, warning: 0, info: 0 }, "the file")).toBeUndefined();
  });
});
