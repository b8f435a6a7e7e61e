import fc from "fast-check";
import { expect, test } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { Pacer, type Pass } from "./pacer.ts";

const options = { budgetBytes: 100, smallBytes: 10, stalledMs: 1000 };

test("large pushes share the budget, small ones never wait, and one push alone may be larger than it", () => {
  const pacer = new Pacer(new ManualClock(), options);
  const woken: string[] = [];
  const first = pacer.ask(500, () => undefined);
  expect(first).toBeDefined();
  expect(pacer.ask(20, () => woken.push("second"))).toBeUndefined();
  expect(pacer.ask(10, () => undefined)).toBeDefined();
  first!.giveBack();
  expect(woken).toEqual(["second"]);
  expect(pacer.underWayBytes).toBe(0);
});

test("a push that nobody takes stops counting after a while, and giving it back later changes nothing", () => {
  const clock = new ManualClock();
  const pacer = new Pacer(clock, options);
  const stalled = pacer.ask(100, () => undefined);
  let woken = 0;
  expect(pacer.ask(50, () => woken++)).toBeUndefined();
  clock.advance(1000);
  expect([woken, pacer.underWayBytes]).toEqual([1, 0]);
  stalled!.giveBack();
  expect(pacer.underWayBytes).toBe(0);
});

test("whatever the order of requests and returns, the budget is kept, nobody is forgotten, and no timer is left", () => {
  const step = fc.record({ bytes: fc.integer({ min: 11, max: 150 }), returns: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const clock = new ManualClock();
      const pacer = new Pacer(clock, options);
      const out: { pass: Pass; bytes: number }[] = [];
      let served = 0;
      const request = (bytes: number): void => {
        const attempt = (): void => {
          const pass = pacer.ask(bytes, attempt);
          if (pass === undefined) return;
          served++;
          out.push({ pass, bytes });
          const under = out.reduce((sum, o) => sum + o.bytes, 0);
          expect(out.length === 1 || under <= options.budgetBytes).toBe(true);
        };
        attempt();
      };
      for (const { bytes, returns } of steps) {
        request(bytes);
        if (returns) out.shift()?.pass.giveBack();
      }
      while (out.length > 0) out.shift()!.pass.giveBack();
      expect(served).toBe(steps.length);
      expect([pacer.underWayBytes, pacer.waiting, clock.pending]).toEqual([0, 0, 0]);
    }),
  );
});
