import { expect, test } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { Turns } from "../lib/turns.ts";
import type { Collection, ResourceName, ResourceVersion } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { Hub } from "../snapshot/hub.ts";
import { Table } from "../snapshot/table.ts";
import { Pacer } from "./pacer.ts";
import { silentObserver } from "./observer.ts";
import { everything } from "./interest.ts";
import { Session } from "./session.ts";
import type { Nonce, Push } from "./subscription.ts";

const A = "a" as Collection;
const B = "b" as Collection;

function table(version: string): Table {
  const resource = { name: "n" as ResourceName, version: version as ResourceVersion, origin: { describe: () => "" } };
  return Table.of([{ ...resource, collection: A, legacy: undefined, current: undefined } satisfies Resource]);
}

/** A clock whose wall somebody sets. */
class SetClock extends ManualClock {
  fast = 0;

  override wall(): number {
    return super.wall() + this.fast;
  }
}

function setUp() {
  const clock = new SetClock();
  const hub = new Hub(() => "default");
  const pushes: [Collection, Push][] = [];
  const superseded: Collection[] = [];
  let release: (taken: boolean) => void = () => undefined;
  const session = new Session(
    {
      clock,
      turns: new Turns(clock),
      pacer: new Pacer(clock),
      encode: ({ collection }, push) => {
        pushes.push([collection, push]);
        return [new Uint8Array(3)];
      },
      observer: { ...silentObserver, superseded: (collection) => superseded.push(collection) },
    },
    {
      send: () =>
        new Promise((resolve) => {
          release = resolve;
        }),
    },
  );
  const publish = (a: string, b: string): void =>
    void hub.publish(
      "default",
      new Map([
        [A, table(a)],
        [B, table(b)],
      ]),
    );
  const subscribe = (collection: Collection): void =>
    void session.handle(hub.feed(collection), {
      kind: "subscribe",
      interest: everything,
      incremental: false,
      held: undefined,
    });
  /** Lets the transport take what is being written, and everyone have their turn. */
  const taken = async (all = true): Promise<void> => {
    release(all);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(0);
  };
  return { clock, hub, session, pushes, superseded, publish, subscribe, taken };
}

test("one message is in flight at a time, and the next is built only when the transport has taken it", async () => {
  const { clock, pushes, publish, subscribe, taken } = setUp();
  publish("1", "1");
  subscribe(A);
  subscribe(B);
  clock.advance(0);
  expect(pushes.map(([c]) => c)).toEqual([A]);
  publish("1", "2");
  await taken();
  expect(pushes.map(([c, push]) => [c, push.table.version])).toEqual([
    [A, table("1").version],
    [B, table("2").version],
  ]);
});

test("a version that is overtaken before it is sent is counted as superseded, and only then", async () => {
  const { clock, hub, session, superseded, publish, subscribe, taken, pushes } = setUp();
  subscribe(A);
  publish("1", "1");
  clock.advance(0);
  await taken();
  expect(superseded).toEqual([]);
  publish("2", "1"); // due until the ACK comes
  expect(superseded).toEqual([]);
  publish("3", "1");
  expect(superseded).toEqual([A]);
  session.handle(hub.feed(A), { kind: "ack", nonce: "1" as Nonce, incremental: false });
  clock.advance(0);
  expect(pushes.at(-1)?.[1].table.version).toBe(table("3").version);
});

test("a closed session sends nothing, watches nothing, and tells so once", () => {
  const { clock, hub, session, pushes, publish, subscribe } = setUp();
  subscribe(A);
  session.close();
  session.close();
  publish("1", "1");
  clock.advance(0);
  expect(pushes).toEqual([]);
  expect(hub.watchers(A)).toBe(0);
});

test("what a sink holds is told from what it was sent, acknowledged and refused", async () => {
  const { clock, hub, session, publish, subscribe, taken } = setUp();
  const only = () => [...session.holdings()][0];
  publish("1", "1");
  subscribe(A);
  clock.advance(5);
  expect(only()).toMatchObject({ sent: table("1").version, acked: undefined, awaitingSince: 0, synced: false });
  await taken();
  session.handle(hub.feed(A), { kind: "ack", nonce: "1" as Nonce, incremental: false });
  expect(only()).toMatchObject({ acked: table("1").version, awaitingSince: undefined, synced: true });
  publish("2", "1");
  expect(only()).toMatchObject({ synced: false });
  clock.advance(0);
  await taken();
  session.handle(hub.feed(A), { kind: "nack", nonce: "2" as Nonce, incremental: false }, { code: 3, message: "no" });
  expect(only()).toMatchObject({
    sent: table("2").version,
    acked: table("1").version,
    nacked: { version: table("2").version, code: 3, message: "no" },
    synced: false,
  });
});

test("a push is as old as it is, also when the wall clock is set meanwhile", async () => {
  const { clock, session, publish, subscribe, taken } = setUp();
  clock.advance(10_000);
  publish("1", "1");
  subscribe(A);
  clock.advance(0);
  await taken();
  clock.advance(5000);
  clock.fast = -7000;
  const [holding] = [...session.holdings()];
  expect(clock.wall() - holding!.awaitingSince!).toBe(5000);
  session.giveUpUnanswered(clock.now() - 5000);
  expect(clock.now() - session.oldestUnanswered()!).toBe(5000);
});
