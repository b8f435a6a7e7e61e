import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { PerTurn } from "./per-turn.ts";

function runAll(perTurn: PerTurn, jobs: number): number[] {
  const ran: number[] = [];
  for (let i = 0; i < jobs; i++) perTurn.run(() => ran.push(i));
  return ran;
}

describe("jobs of which so many are run in a turn", () => {
  it("run at once while they are few", () => {
    expect(runAll(new PerTurn(3), 3)).toEqual([0, 1, 2]);
  });

  it("run in the next turns, in their order, when they are many", async () => {
    const ran = runAll(new PerTurn(3), 8);
    const seen = [ran.length];
    while (ran.length < 8) {
      await turn();
      seen.push(ran.length);
    }
    expect(seen).toEqual([3, 6, 8]);
    expect(ran).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("never pass those that wait", async () => {
    const perTurn = new PerTurn(2);
    const ran: string[] = [];
    for (const name of ["a", "b", "c", "d", "e"]) perTurn.run(() => ran.push(name));
    await turn();
    perTurn.run(() => ran.push("late"));
    while (ran.length < 6) await turn();
    expect(ran).toEqual(["a", "b", "c", "d", "e", "late"]);
  });

  it("run at once again after a turn without any", async () => {
    const perTurn = new PerTurn(2);
    runAll(perTurn, 2);
    await turn();
    await turn();
    expect(runAll(perTurn, 2)).toEqual([0, 1]);
  });
});
