import { expect, test } from "vitest";
import { ManualClock } from "./manual-clock.ts";
import { Turns } from "./turns.ts";

/** A clock on which every job takes a millisecond. */
class BusyClock extends ManualClock {
  slices = 0;
  #spent = 0;
  override now(): number {
    return super.now() + this.#spent;
  }
  work(): void {
    this.#spent++;
  }
  override defer(run: () => void): void {
    super.defer(() => {
      this.slices++;
      run();
    });
  }
}

test("jobs run in the order in which they came, in slices that end when their time is up", () => {
  const clock = new BusyClock();
  const turns = new Turns(clock, 5);
  const done: number[] = [];
  for (let i = 0; i < 23; i++) {
    turns.add(() => {
      clock.work();
      done.push(i);
    });
  }
  expect(done).toEqual([]);
  clock.advance(0);
  expect(done).toEqual(Array.from({ length: 23 }, (_, i) => i));
  expect(clock.slices).toBe(5);
  expect(turns.waiting).toBe(0);
});

test("a job that throws does not keep the others from their turn", () => {
  const clock = new ManualClock();
  const turns = new Turns(clock);
  let ran = false;
  turns.add(() => {
    throw new Error("boom");
  });
  turns.add(() => {
    ran = true;
  });
  expect(() => clock.advance(0)).toThrow("boom");
  clock.advance(0);
  expect(ran).toBe(true);
});
