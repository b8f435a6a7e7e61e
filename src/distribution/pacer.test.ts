import fc from "fast-check";
import { expect, test } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { Pacer, type Pass } from "./pacer.ts";

const idle = (): boolean => true;

/** Notes that it was called, and asks when it sees fit. */
function noting(calls: string[], name: string): () => boolean {
  return () => calls.push(name) > 0;
}

const options = { budgetBytes: 100, turnBytes: 1000, smallBytes: 10, stalledMs: 1000 };

/** A clock whose turns of the event loop are made one by one. */
class SteppedClock extends ManualClock {
  #runs: (() => void)[] = [];

  get deferred(): number {
    return this.#runs.length;
  }

  override defer(run: () => void): void {
    this.#runs.push(run);
  }

  turn(): void {
    for (const run of this.#runs.splice(0)) run();
  }
}

test("large pushes share the budget, small ones never wait, and one push alone may be larger than it", () => {
  const pacer = new Pacer(new ManualClock(), options);
  const woken: string[] = [];
  const first = pacer.ask(500, idle);
  expect(first).toBeDefined();
  expect(pacer.ask(20, noting(woken, "second"))).toBeUndefined();
  expect(pacer.ask(10, idle)).toBeDefined();
  first!.giveBack();
  expect(woken).toEqual(["second"]);
  expect(pacer.underWayBytes).toBe(0);
});

test("a push that nobody takes stops counting after a while, and giving it back later changes nothing", () => {
  const clock = new ManualClock();
  const pacer = new Pacer(clock, options);
  const stalled = pacer.ask(100, idle);
  const woken: string[] = [];
  expect(pacer.ask(50, noting(woken, "second"))).toBeUndefined();
  clock.advance(1000);
  expect([woken, pacer.underWayBytes]).toEqual([["second"], 0]);
  stalled!.giveBack();
  expect(pacer.underWayBytes).toBe(0);
});

test("smaller pushes that would still fit don't pass a large one that waits", () => {
  const pacer = new Pacer(new ManualClock(), options);
  const sent: string[] = [];
  const passes = new Map<string, Pass>();
  const request = (name: string, bytes: number): void => {
    const again = (): boolean => {
      const pass = pacer.ask(bytes, again);
      if (pass === undefined) return true;
      passes.set(name, pass);
      return sent.push(name) > 0;
    };
    again();
  };
  request("first", 60);
  request("large", 90);
  request("fits", 20);
  expect(sent).toEqual(["first"]);
  for (let i = 0; i < 10; i++) request(`newcomer ${i}`, 20);
  expect(sent).toEqual(["first"]);
  passes.get("first")!.giveBack();
  expect(sent).toEqual(["first", "large"]);
  passes.get("large")!.giveBack();
  expect(sent.slice(2)).toEqual(["fits", "newcomer 0", "newcomer 1", "newcomer 2", "newcomer 3"]);
});

test("room is kept for who was called, and goes to the next when it says that it needs none", () => {
  const pacer = new Pacer(new ManualClock(), options);
  const calls: string[] = [];
  const [called, next] = [noting(calls, "called"), noting(calls, "next")];
  const first = pacer.ask(100, idle);
  expect(pacer.ask(80, called)).toBeUndefined();
  first!.giveBack();
  expect(calls).toEqual(["called"]);
  expect(pacer.ask(50, next)).toBeUndefined();
  expect(calls).toEqual(["called"]);
  pacer.forget(called);
  expect(calls).toEqual(["called", "next"]);
  expect(pacer.ask(50, next)).toBeDefined();
  expect([pacer.waiting, pacer.underWayBytes]).toEqual([0, 50]);
});

test("who is busy when its turn comes holds nobody up, and goes before those who wait when it asks", () => {
  const pacer = new Pacer(new ManualClock(), options);
  const calls: string[] = [];
  const busy = (): boolean => false;
  const [small, third, last] = [noting(calls, "small"), noting(calls, "third"), noting(calls, "last")];
  const first = pacer.ask(100, idle);
  for (const again of [busy, small, third, last]) expect(pacer.ask(80, again)).toBeUndefined();
  first!.giveBack();
  expect(calls).toEqual(["small"]);
  // It has something small to send first, which the transport may not take for a long time.
  pacer.ask(10, small);
  expect(calls).toEqual(["small", "third"]);
  const pass = pacer.ask(80, third);
  expect(pacer.ask(80, small)).toBeUndefined();
  expect(pacer.ask(20, busy)).toBeDefined();
  pass!.giveBack();
  expect(calls).toEqual(["small", "third", "small"]);
});

test("who was called and has more to send by then than there is room for stays the first in line", () => {
  const pacer = new Pacer(new ManualClock(), options);
  const first = pacer.ask(50, idle);
  const second = pacer.ask(50, idle);
  const order: string[] = [];
  const [grown, other] = [noting(order, "grown"), noting(order, "other")];
  expect(pacer.ask(50, grown)).toBeUndefined();
  expect(pacer.ask(20, other)).toBeUndefined();
  first!.giveBack();
  expect(order).toEqual(["grown"]);
  expect(pacer.ask(90, grown)).toBeUndefined();
  expect(order).toEqual(["grown"]);
  second!.giveBack();
  expect(order).toEqual(["grown", "grown"]);
  expect(pacer.ask(90, grown)).toBeDefined();
});

test("no more is begun in one turn of the event loop than its share, and the rest follows turn by turn", () => {
  const clock = new SteppedClock();
  const pacer = new Pacer(clock, { ...options, budgetBytes: 1000, turnBytes: 100 });
  let begun = 0;
  for (const bytes of [40, 40, 40, 300, 40]) {
    const again = (): boolean => {
      if (pacer.ask(bytes, again) !== undefined) begun++;
      return true;
    };
    again();
  }
  const sofar = [begun];
  for (let i = 0; i < 4; i++) {
    clock.turn();
    sofar.push(begun);
  }
  expect(sofar).toEqual([2, 3, 4, 5, 5]);
  expect(clock.deferred).toBe(0);
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
        const attempt = (): boolean => {
          const pass = pacer.ask(bytes, attempt);
          if (pass === undefined) return true;
          served++;
          out.push({ pass, bytes });
          const under = out.reduce((sum, o) => sum + o.bytes, 0);
          expect(out.length === 1 || under <= options.budgetBytes).toBe(true);
          return true;
        };
        attempt();
      };
      for (const { bytes, returns } of steps) {
        request(bytes);
        if (returns) out.shift()?.pass.giveBack();
      }
      clock.advance(0);
      while (out.length > 0) {
        out.shift()!.pass.giveBack();
        clock.advance(0);
      }
      expect(served).toBe(steps.length);
      expect([pacer.underWayBytes, pacer.waiting, clock.pending]).toEqual([0, 0, 0]);
    }),
  );
});
