import { expect, test } from "vitest";
import type { Collection } from "../../src/model/names.ts";
import { Table } from "../../src/snapshot/table.ts";
import { MemoryServer, settled } from "../support/memory-server.ts";
import { MemorySink } from "../support/memory-sink.ts";
import { makeResource } from "../support/resources.ts";
import { registry } from "./pool.ts";

// What schedules found, told as plainly as possible.

const A = "istio/networking/v1alpha3/gateways" as Collection;
const B = "istio/networking/v1alpha3/sidecars" as Collection;

function table(...names: string[]): Table {
  return Table.of(names.map((name) => makeResource(A, name, "1")));
}

function publish({ hub }: MemoryServer, a: Table, b: Table = Table.empty): void {
  hub.publish(
    "default",
    new Map([
      [A, a],
      [B, b],
    ]),
  );
}

test("what a subscribe names as kept counts for nothing when answers overtook it while it waited for a token", async () => {
  const server = new MemoryServer({ registry, mcp: { limit: { burst: 1, perSecond: 1 } } });
  const sink = new MemorySink(server);
  publish(server, table("a"));
  sink.send({ collection: A, incremental: true });
  server.clock.advance(0);
  await settled();
  sink.ack(sink.next(), true);
  // Asks again, holding `a`; that has to wait. Meanwhile it is sent `b`, and says that it has it.
  sink.send({ collection: A, incremental: true, initialResourceVersions: { a: "1" } });
  publish(server, table("a", "b"));
  server.clock.advance(0);
  await settled();
  sink.ack(sink.next(), true);
  // `b` is gone by the time that the token comes.
  server.hub.publish("default", new Map());
  server.clock.advance(2000);
  publish(server, table("a"));
  server.clock.advance(0);
  await settled();
  const { incremental, resources } = sink.next();
  expect([incremental, resources.map((r) => r.metadata?.name)]).toEqual([false, ["a"]]);
});

test("removals are in order of name, those of resources that the sink can no longer be shown among them", async () => {
  const server = new MemoryServer({ registry });
  const sink = new MemorySink(server);
  publish(server, table("a", "b"));
  sink.send({ collection: A, incremental: true });
  server.clock.advance(0);
  await settled();
  sink.ack(sink.next(), true);
  publish(server, Table.of([{ ...makeResource(A, "a", "2"), legacy: undefined }]));
  server.clock.advance(0);
  expect(sink.next().removedResources).toEqual(["a", "b"]);
});

test("a small push does not wait behind a large one of the same sink that waits for room", async () => {
  const server = new MemoryServer({ registry, pacing: { budgetBytes: 200, smallBytes: 100, stalledMs: 1_000_000 } });
  publish(server, table("a", "b", "c", "d", "e", "f"));
  const hog = new MemorySink(server, 10);
  hog.send({ collection: A });
  server.clock.advance(0);
  const sink = new MemorySink(server);
  for (const collection of [A, B]) sink.send({ collection });
  server.clock.advance(0);
  expect(sink.next().collection).toBe(B);
  hog.next();
  await settled();
  server.clock.advance(0);
  expect(sink.next().collection).toBe(A);
});

test("room that the first in line turns out not to need goes to the next", async () => {
  const server = new MemoryServer({ registry, pacing: { budgetBytes: 200, smallBytes: 100, stalledMs: 1_000_000 } });
  const large = table("a", "b", "c", "d", "e", "f");
  publish(server, large);
  const [hog, first, second] = [new MemorySink(server, 10), new MemorySink(server), new MemorySink(server)];
  hog.send({ collection: A });
  server.clock.advance(0);
  first.send({ collection: A });
  server.clock.advance(0);
  // The first in line is sent something small meanwhile, which it does not answer: it can't be sent more.
  publish(server, Table.empty);
  server.clock.advance(0);
  expect(first.next().resources).toEqual([]);
  publish(server, large);
  second.send({ collection: A });
  server.clock.advance(0);
  hog.next();
  await settled();
  server.clock.advance(0);
  expect(second.next().resources).toHaveLength(6);
});
