import fc from "fast-check";
import { expect, test } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { Turns } from "../lib/turns.ts";
import type { Collection, ResourceName, ResourceVersion } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { Claim } from "../snapshot/claim.ts";
import { Hub } from "../snapshot/hub.ts";
import { Table } from "../snapshot/table.ts";
import type { Interest } from "./interest.ts";
import { silentObserver } from "./observer.ts";
import { Pacer } from "./pacer.ts";
import { PeerMemory, type PeerMemoryLimits } from "./peer-memory.ts";
import { Session } from "./session.ts";
import type { Nonce, Request } from "./subscription.ts";

const A = "a" as Collection;
const B = "b" as Collection;

function names(from: number, count: number): ReadonlySet<ResourceName> {
  return new Set(Array.from({ length: count }, (_, i) => `ns/${from + i}` as ResourceName));
}

function some(from: number, count: number): Interest {
  return { all: false, names: names(from, count) };
}

function resource(collection: Collection, name: ResourceName, version: string): Resource {
  const origin = { describe: () => "" };
  return { name, version: version as ResourceVersion, origin, collection, legacy: undefined, current: undefined };
}

/** One stream whose pushes are taken at once. */
function setUp(limits: Partial<PeerMemoryLimits>) {
  const clock = new ManualClock();
  const hub = new Hub(() => "default");
  const memory = new PeerMemory({ freeBytes: 0, ...limits });
  const deps = {
    clock,
    turns: new Turns(clock),
    pacer: new Pacer(clock),
    encode: () => [new Uint8Array(3)],
    observer: silentObserver,
    memory,
  };
  const session = new Session(deps, { send: () => Promise.resolve(true) });
  const publish = (version: string): void => {
    const table = (collection: Collection): Table =>
      Table.of([...names(0, 20)].map((name) => resource(collection, name, version)));
    hub.publish("default", new Map([A, B].map((collection) => [collection, table(collection)])));
  };
  const turn = async (): Promise<void> => {
    clock.advance(1);
    await Promise.resolve();
  };
  return { hub, memory, session, publish, turn };
}

function subscribe(interest: Interest): Request {
  return { kind: "subscribe", interest, incremental: true, held: undefined };
}

test("a request that there is no room for has no effect at all", () => {
  const { hub, memory, session, publish } = setUp({ streamBytes: 10_000 });
  publish("1");
  expect(session.handle(hub.feed(A), subscribe(some(0, 100)))).toBe("subscribed");
  const [before, taken] = [session.state(hub.feed(A)), memory.takenBytes];
  const change = { kind: "edit", add: some(100, 100), drop: some(0, 0) } as const;
  expect(session.handle(hub.feed(A), { kind: "adjust", change })).toBe("of the stream");
  expect(session.handle(hub.feed(B), subscribe(some(0, 100)))).toBe("of the stream");
  expect(session.state(hub.feed(A))).toBe(before);
  expect([session.size, memory.takenBytes, hub.watchers(B)]).toEqual([1, taken, 0]);
});

test.each([
  ["an answer that is late is given up", 10_000, "ready"],
  ["it is waited for on when there is no room for what the sink may have taken in", 1000, "awaiting"],
])("%s", async (_, streamBytes, phase) => {
  const { hub, session, publish, turn } = setUp({ streamBytes });
  publish("1");
  session.handle(hub.feed(A), subscribe({ all: true, names: new Set() }));
  await turn();
  expect(session.state(hub.feed(A)).phase).toBe("awaiting");
  session.handle(hub.feed(A), { kind: "ack", nonce: "1" as Nonce, incremental: true });
  publish("2");
  await turn();
  publish("3");
  session.giveUpUnanswered(Number.MAX_SAFE_INTEGER);
  expect(session.state(hub.feed(A)).phase).toBe(phase);
});

test("whatever is said and sent, what is remembered stays within the bound, and all of it is given back", async () => {
  const interest = fc
    .tuple(fc.boolean(), fc.nat(30), fc.nat(40))
    .map(([all, from, count]): Interest => ({ all, names: names(from, count) }));
  const nonce = fc.integer({ min: 1, max: 6 }).map((count) => `${count}` as Nonce);
  const change = fc.oneof(
    interest.map((interest) => ({ kind: "set", interest }) as const),
    fc.tuple(interest, interest).map(([add, drop]) => ({ kind: "edit", add, drop }) as const),
  );
  const claim = fc
    .nat(30)
    .map((count) => Claim.of(new Map([...names(0, count)].map((name) => [name, "0" as ResourceVersion]))));
  const request = fc.oneof(
    fc.record({
      kind: fc.constant("subscribe" as const),
      interest,
      incremental: fc.boolean(),
      held: fc.option(claim, { nil: undefined }),
    }),
    fc.record({ kind: fc.constant("adjust" as const), change }),
    fc.record({
      kind: fc.constantFrom("ack" as const, "nack" as const),
      nonce,
      incremental: fc.boolean(),
      partly: fc.boolean(),
      change,
    }),
  );
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constantFrom(A, B), request) },
    fc.constantFrom("publish" as const, "turn" as const, "give up" as const),
  );
  const met = { refused: 0, taken: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { hub, memory, session, publish, turn } = setUp({ streamBytes: 3000 });
      let version = 0;
      for (const each of steps) {
        if (each === "publish") publish(`${++version}`);
        else if (each === "turn") await turn();
        else if (each === "give up") session.giveUpUnanswered(Number.MAX_SAFE_INTEGER);
        else {
          const [collection, request] = each;
          const before = memory.takenBytes;
          const verdict = session.handle(hub.feed(collection), request, { code: 3, message: "x".repeat(50) });
          if (verdict === "of the stream") {
            met.refused++;
            expect(memory.takenBytes).toBe(before);
          } else {
            met.taken++;
            expect(memory.takenBytes).toBeLessThanOrEqual(Math.max(before, 3000));
          }
        }
        expect(memory.takenBytes).toBeGreaterThanOrEqual(0);
      }
      session.close();
      expect(memory.takenBytes).toBe(0);
    }),
    { numRuns: 300 },
  );
  expect(Math.min(met.refused, met.taken)).toBeGreaterThan(100);
});
