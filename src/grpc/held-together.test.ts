import fc from "fast-check";
import { expect, test } from "vitest";
import { type Holder, HeldTogether } from "./held-together.ts";

/** A connection whose calls hold so much each. */
class Connection implements Holder {
  readonly calls: number[];
  readonly #together: HeldTogether;
  lost = 0;

  constructor(together: HeldTogether, calls: number) {
    this.#together = together;
    this.calls = Array.from({ length: calls }, () => 0);
  }

  get heldBytes(): number {
    return this.calls.reduce((sum, bytes) => sum + bytes, 0);
  }

  hold(call: number, bytes: number): void {
    const change = bytes - this.calls[call]!;
    this.calls[call] = bytes;
    this.#together.changed(this, change);
  }

  yieldMost(): void {
    this.lost++;
    this.hold(this.calls.indexOf(Math.max(...this.calls)), 0);
  }
}

test("who holds little is never made to give way to who holds much", () => {
  const together = new HeldTogether(1000);
  const slow = new Connection(together, 1);
  const greedy = [1, 2, 3].map(() => new Connection(together, 10));
  slow.hold(0, 100);
  for (let call = 0; call < 10; call++) for (const each of greedy) each.hold(call, 90);
  expect(slow.heldBytes).toBe(100);
  expect(greedy.every(({ lost }) => lost > 0)).toBe(true);
  expect(together.bytes).toBeLessThanOrEqual(1000);
});

test("what is held together is the sum of what each holds, and goes beyond the bound by no more than one call", () => {
  const step = fc.record({ connection: fc.nat(3), call: fc.nat(4), bytes: fc.nat(300) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const together = new HeldTogether(1000);
      const connections = [0, 1, 2, 3].map(() => new Connection(together, 5));
      for (const { connection, call, bytes } of steps) {
        connections[connection]!.hold(call, bytes);
        expect(together.bytes).toBe(connections.reduce((sum, each) => sum + each.heldBytes, 0));
        expect(together.bytes).toBeLessThanOrEqual(1300);
      }
      for (const each of connections) for (let call = 0; call < 5; call++) each.hold(call, 0);
      expect(together.bytes).toBe(0);
    }),
  );
});
