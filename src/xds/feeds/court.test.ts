import { expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import { Turns } from "../../lib/turns.ts";
import type { Problem } from "../../model/problem.ts";
import type { Resource } from "../../model/resource.ts";
import { Table } from "../../snapshot/table.ts";
import { currentResource } from "../testing/resources.ts";
import type { Accepted } from "./accepted.ts";
import { Court, PORTION } from "./court.ts";

const bad: Problem = { severity: "warning", code: "bad", message: "it is bad", action: "it is held back" };

/** So many resources, whose bodies say which edition they are of. */
function edition(count: number, body: string): Table {
  return Table.of(Array.from({ length: count }, (_, i) => currentResource(`ns/n${i}`, { body })));
}

/** A clock by which every job takes longer than a slice, so that each has a turn of its own. */
class BusyClock extends ManualClock {
  readonly turns: (() => void)[] = [];
  #now = 0;

  override now(): number {
    return (this.#now += 1000);
  }

  override defer(run: () => void): void {
    this.turns.push(run);
  }
}

/** A court, and collections whose content the test decides. What is named bad does not pass. */
function setUp() {
  const clock = new ManualClock();
  const turns = new Turns(clock);
  let judgedInTurn = 0;
  const court = new Court(turns);
  const told: string[] = [];
  const open = (name: string, content: Table) => {
    const state = { latest: content as Table | undefined };
    const accepted: Accepted = court.open({
      latest: () => state.latest,
      judge({ name }: Resource) {
        judgedInTurn++;
        return name.startsWith("bad/") ? bad : undefined;
      },
      report: () => undefined,
    });
    accepted.follow(() => told.push(name));
    return { accepted, state };
  };
  /** How many resources were judged since this was last asked. */
  const judged = (): number => {
    const count = judgedInTurn;
    judgedInTurn = 0;
    return count;
  };
  /** Lets the next in the queue have its turn; whether there was one. */
  const turn = (): boolean => {
    const before = turns.waiting;
    clock.advance(0);
    return before > 0;
  };
  return { court, told, open, judged, turn, turns };
}

test("what is little is judged as it is published", () => {
  const { court, told, open, judged, turns } = setUp();
  const first = edition(3, "first");
  const { accepted, state } = open("a", first);
  expect(accepted.table).toBe(first);
  state.latest = edition(3, "second");
  court.follow();
  expect(accepted.table).toBe(state.latest);
  expect(told).toEqual(["a"]);
  expect(judged()).toBe(6);
  expect(turns.waiting).toBe(0);
});

test("what is much is judged a portion a turn, and seen only when all of it is judged", () => {
  const clock = new BusyClock();
  const court = new Court(new Turns(clock));
  let judged = 0;
  const content = edition(10 * PORTION + 1, "first");
  const accepted = court.open({
    latest: () => content,
    judge: () => void judged++,
    report: () => undefined,
  });
  const portions = [judged];
  for (let turn = clock.turns.shift(); turn !== undefined; turn = clock.turns.shift()) {
    expect(accepted.table).toBeUndefined();
    const before = judged;
    turn();
    portions.push(judged - before);
  }
  expect(portions).toEqual([...Array.from({ length: 10 }, () => PORTION), 1]);
  expect(accepted.table).toBe(content);
});

test("while a large version is judged, the one before it stays in sight", () => {
  const { court, told, open, turn } = setUp();
  const first = edition(3, "first");
  const { accepted, state } = open("a", first);
  state.latest = edition(3 * PORTION, "second");
  court.follow();
  expect(accepted.table).toBe(first);
  expect(told).toEqual([]);
  while (turn());
  expect(accepted.table).toBe(state.latest);
  expect(told).toEqual(["a"]);
});

test("of what is published in one snapshot nothing is seen before the rest", () => {
  const { court, told, open, turn } = setUp();
  const small = open("small", Table.of([currentResource("ns/a", { body: "first" })]));
  const large = open("large", edition(1, "first"));
  const before = [small.accepted.table, large.accepted.table];
  small.state.latest = Table.of([currentResource("ns/a", { body: "second" })]);
  large.state.latest = edition(3 * PORTION, "second");
  court.follow();
  expect([small.accepted.table, large.accepted.table]).toEqual(before);
  while (turn());
  expect([small.accepted.table, large.accepted.table]).toEqual([small.state.latest, large.state.latest]);
  expect(told).toEqual(["small", "large"]);
});

test("what is published while others are judged is judged next, the newest of it", () => {
  const { court, told, open, judged, turn } = setUp();
  const { accepted, state } = open("a", edition(2 * PORTION, "first"));
  const first = state.latest;
  judged();
  state.latest = first!.with([
    { name: currentResource("ns/n0").name, resource: currentResource("ns/n0", { body: "x" }) },
  ]);
  court.follow();
  const second = currentResource("ns/n0", { body: "y" });
  state.latest = first!.with([{ name: second.name, resource: second }]);
  court.follow();
  expect(judged()).toBe(0);
  while (turn());
  expect(accepted.table).toBe(state.latest);
  expect(told).toEqual(["a", "a"]);
  expect(judged()).toBe(PORTION + 1);
});

test("a collection that is opened while others are judged is seen with them", () => {
  const { open, turn } = setUp();
  const large = open("large", edition(2 * PORTION, "first"));
  const small = open("small", edition(1, "first"));
  expect(small.accepted.table).toBeUndefined();
  while (turn());
  expect(large.accepted.table).toBe(large.state.latest);
  expect(small.accepted.table).toBe(small.state.latest);
});

test("what is held back is found in whichever portion it stands", () => {
  const { open, turn } = setUp();
  const content = edition(2 * PORTION, "first").with([
    { name: currentResource("bad/first").name, resource: currentResource("bad/first") },
    { name: currentResource("zz/last").name, resource: currentResource("zz/last") },
  ]);
  const { accepted } = open("a", content);
  while (turn());
  expect([...accepted.table!].map(({ name }) => name)).toEqual(
    [...content].map(({ name }) => name).filter((name) => name !== "bad/first"),
  );
});

test("without a snapshot there is no content, before and after", () => {
  const { court, open } = setUp();
  const { accepted, state } = open("a", Table.empty);
  expect(accepted.table).toBe(Table.empty);
  state.latest = undefined;
  court.follow();
  expect(accepted.table).toBeUndefined();
});

test("a court that is closed judges no more", () => {
  const { court, open, judged, turn } = setUp();
  const { accepted } = open("a", edition(3 * PORTION, "first"));
  court[Symbol.dispose]();
  judged();
  while (turn());
  expect(judged()).toBe(0);
  expect(accepted.table).toBeUndefined();
});
