import { expect, test } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { Turns } from "../lib/turns.ts";
import { HandOut } from "./hand-out.ts";
import { Pacer, type Pass } from "./pacer.ts";

function setUp() {
  const clock = new ManualClock();
  const turns = new Turns(clock);
  const pacer = new Pacer(clock, { budgetBytes: 100, smallBytes: 10, stalledMs: 1000 });
  const handOut = new HandOut(turns, pacer);
  const told: string[] = [];
  const tell = (what: string) => () => void told.push(what);
  /** A stream that has a large push for whoever asks it. */
  const stream = (name: string, bytes: number): { pass: Pass | undefined } => {
    const one: { pass: Pass | undefined } = { pass: undefined };
    const ask = (): void => {
      one.pass = pacer.ask(bytes, again);
      if (one.pass !== undefined) told.push(name);
    };
    const again = (): boolean => {
      turns.add(ask);
      return true;
    };
    again();
    return one;
  };
  return { clock, turns, pacer, handOut, told, tell, stream };
}

test("what was published is handed out when all who queued before have had their turn", () => {
  const { clock, turns, handOut, told, tell } = setUp();
  turns.add(tell("a"));
  turns.add(tell("b"));
  handOut.whenOver(tell("over"));
  turns.add(tell("later"));
  expect(told).toEqual([]);
  clock.advance(0);
  expect(told).toEqual(["a", "b", "over", "later"]);
});

test("it is not while large pushes wait for room, however few bytes there are to send besides", () => {
  const { clock, pacer, handOut, told, tell, stream } = setUp();
  const first = stream("first", 90);
  const second = stream("second", 50);
  handOut.whenOver(tell("over"));
  clock.advance(0);
  expect(told).toEqual(["first"]);
  first.pass!.giveBack();
  clock.advance(0);
  expect(told).toEqual(["first", "second", "over"]);
  second.pass!.giveBack();
  expect([pacer.waiting, pacer.underWayBytes, clock.pending]).toEqual([0, 0, 0]);
});

test("who asks anew waits behind all who are there now, and who asked before is told nothing", () => {
  const { clock, turns, handOut, told, tell } = setUp();
  handOut.whenOver(tell("older"));
  turns.add(tell("a"));
  handOut.whenOver(tell("newer"));
  clock.advance(0);
  expect(told).toEqual(["a", "newer"]);
});

test("who asks anew while room is waited for leaves the line, and goes to its end", () => {
  const { clock, pacer, handOut, told, tell, stream } = setUp();
  const first = stream("first", 90);
  handOut.whenOver(tell("older"));
  clock.advance(0);
  expect(pacer.waiting).toBe(1);
  stream("second", 90);
  handOut.whenOver(tell("newer"));
  clock.advance(0);
  first.pass!.giveBack();
  clock.advance(0);
  expect(told).toEqual(["first", "second"]);
  clock.advance(1000);
  expect(told).toEqual(["first", "second", "newer"]);
});

test("forgotten, it tells nothing and holds nobody up", () => {
  const { clock, turns, pacer, handOut, told, tell, stream } = setUp();
  stream("first", 90);
  handOut.whenOver(tell("over"));
  clock.advance(0);
  handOut.forget();
  expect(pacer.waiting).toBe(0);
  handOut.whenOver(tell("over"));
  handOut.forget();
  clock.advance(5000);
  expect(told).toEqual(["first"]);
  expect([turns.waiting, clock.pending]).toEqual([0, 0]);
});
