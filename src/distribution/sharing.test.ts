import { expect, test } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { Turns } from "../lib/turns.ts";
import type { Collection, ResourceName, ResourceVersion } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { Hub } from "../snapshot/hub.ts";
import { Table } from "../snapshot/table.ts";
import { everything } from "./interest.ts";
import { silentObserver } from "./observer.ts";
import { Pacer } from "./pacer.ts";
import { Session } from "./session.ts";
import type { Nonce, Push, Request } from "./subscription.ts";

const A = "a" as Collection;

function table(version: string): Table {
  const resource = { name: "n" as ResourceName, version: version as ResourceVersion, origin: { describe: () => "" } };
  return Table.of([{ ...resource, collection: A, legacy: undefined, current: undefined } satisfies Resource]);
}

const subscribe: Request = { kind: "subscribe", interest: everything, incremental: true, held: undefined };

function answer(kind: "ack" | "nack", nonce: string, incremental = true): Request {
  return { kind, nonce: nonce as Nonce, incremental };
}

/** Two streams of one server. */
function setUp() {
  const clock = new ManualClock();
  const turns = new Turns(clock);
  const hub = new Hub(() => "default");
  const feed = hub.feed(A);
  const pushes: Push[] = [];
  const deps = {
    clock,
    turns,
    pacer: new Pacer(clock),
    encode: (_: unknown, push: Push) => {
      pushes.push(push);
      return [new Uint8Array(3)];
    },
    observer: silentObserver,
  };
  const [one, other] = [0, 1].map(() => new Session(deps, { send: () => Promise.resolve(true) })) as [Session, Session];
  const publish = (version: string): void => void hub.publish("default", new Map([[A, table(version)]]));
  const served = async (): Promise<void> => {
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(0);
  };
  const rest = async (): Promise<void> => {
    publish("1");
    for (const session of [one, other]) session.handle(feed, subscribe);
    await served();
    for (const session of [one, other]) session.handle(feed, answer("ack", "1"));
  };
  return { turns, feed, pushes, one, other, publish, served, rest };
}

test("streams that were told the same and acknowledged it rest in one state, and are pushed one thing", async () => {
  const { feed, pushes, one, other, publish, served, rest } = setUp();
  await rest();
  expect(one.state(feed)).toBe(other.state(feed));
  publish("2");
  await served();
  const [first, second] = pushes.slice(-2);
  expect(first).toMatchObject({ kind: "delta", nonce: "2" });
  expect(second).toBe(first);
  expect(one.state(feed)).toBe(other.state(feed));
});

test.each([
  ["refuses", answer("nack", "2")],
  ["wants full states from now on", answer("ack", "2", false)],
])("a stream that %s leaves the others as they are", async (_, request) => {
  const { feed, one, other, publish, served, rest } = setUp();
  await rest();
  publish("2");
  await served();
  one.handle(feed, request, request.kind === "nack" ? { code: 3, message: "no" } : undefined);
  expect([...other.holdings()]).toMatchObject([
    { sent: table("2").version, acked: table("1").version, nacked: undefined, incremental: true, awaitingSince: 1 },
  ]);
  other.handle(feed, answer("ack", "2"));
  expect([...other.holdings()]).toMatchObject([{ acked: table("2").version, nacked: undefined, incremental: true }]);
  expect(one.state(feed)).not.toBe(other.state(feed));
});

test("an ACK takes no turn unless there is something newer", async () => {
  const { turns, feed, one, other, publish, served, rest } = setUp();
  await rest();
  expect(turns.waiting).toBe(0);
  publish("2");
  await served();
  one.handle(feed, answer("ack", "2"));
  expect(turns.waiting).toBe(0);
  publish("3");
  await served();
  other.handle(feed, answer("ack", "2"));
  expect(turns.waiting).toBe(1);
});
