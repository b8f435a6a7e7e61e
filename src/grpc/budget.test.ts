import { describe, expect, it } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { Budget } from "./budget.ts";

function spendAll(budget: Budget): number {
  let spent = 0;
  while (spent < 1000 && budget.spend()) spent++;
  return spent;
}

describe("Budget", () => {
  it("starts full and is empty after its burst", () => {
    expect(spendAll(new Budget(new ManualClock(), { burst: 5, perSecond: 1 }))).toBe(5);
  });

  it("refills at its rate, never beyond its burst", () => {
    const clock = new ManualClock();
    const budget = new Budget(clock, { burst: 5, perSecond: 2 });
    spendAll(budget);
    clock.advance(499);
    expect(budget.spend()).toBe(false);
    clock.advance(1);
    expect(spendAll(budget)).toBe(1);
    clock.advance(1_000);
    expect(spendAll(budget)).toBe(2);
    clock.advance(3_600_000);
    expect(spendAll(budget)).toBe(5);
  });

  it("takes in what is earned, never beyond its burst", () => {
    const budget = new Budget(new ManualClock(), { burst: 5, perSecond: 0 });
    spendAll(budget);
    budget.earn(2.5);
    expect(spendAll(budget)).toBe(2);
    budget.earn(100);
    expect(spendAll(budget)).toBe(5);
  });
});
