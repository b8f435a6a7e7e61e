import { expect, test } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { type Looked, Rounds } from "./rounds.ts";

/** So many connections, and how often each was looked at. */
function setUp(count: number) {
  const clock = new ManualClock();
  const looks: number[] = Array.from({ length: count }, () => 0);
  const connections = new Set<Looked>(looks.map((_, index) => ({ look: () => void looks[index]!++ })));
  return { clock, looks, connections, rounds: new Rounds(clock, connections) };
}

test("every connection is looked at once a second, however many there are", () => {
  const { clock, looks, rounds } = setUp(1_000);
  rounds.settle();
  clock.advance(999);
  expect(new Set(looks)).toEqual(new Set([0]));
  for (let second = 1; second <= 3; second++) {
    clock.advance(1_000);
    rounds.settle();
    expect(new Set(looks)).toEqual(new Set([second]));
  }
});

test("very many are looked at in portions", () => {
  const { clock, looks, rounds } = setUp(1_000);
  rounds.settle();
  const looked: number[] = [];
  clock.defer = (run) => {
    looked.push(looks.filter((count) => count > 0).length);
    run();
  };
  clock.advance(1_000);
  expect(looked).toEqual([256, 512, 768]);
});

test("without connections nobody waits for a round, and it begins anew with the next", () => {
  const { clock, looks, connections, rounds } = setUp(1);
  const [only] = connections;
  rounds.settle();
  connections.clear();
  rounds.settle();
  expect(clock.pending).toBe(0);
  connections.add(only!);
  rounds.settle();
  rounds.settle();
  expect(clock.pending).toBe(1);
  clock.advance(1_000);
  expect(looks).toEqual([1]);
});
