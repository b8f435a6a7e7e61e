import { expect, test } from "vitest";
import type { Nonce, Push } from "../distribution/subscription.ts";
import type { Collection, ResourceName, ResourceVersion } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { deltaTo } from "../snapshot/delta.ts";
import type { Feed } from "../snapshot/feed.ts";
import { Table } from "../snapshot/table.ts";
import { ResponseEncoder } from "./response.ts";

const feed = { collection: "c" as Collection } as Feed;

function resource(i: number, version: string): Resource {
  const bytes = Buffer.from(`entry ${i} ${version}`.padEnd(240));
  return {
    collection: feed.collection,
    name: `entry-${String(i).padStart(5, "0")}` as ResourceName,
    version: version as ResourceVersion,
    legacy: bytes,
    current: bytes,
    origin: { describe: () => "test" },
  };
}

function full(table: Table, nonce: string): Push {
  return { kind: "full", nonce: nonce as Nonce, table };
}

test("a full push that is stuck at an old version holds 64 KiB that the newest doesn't, however large both are", () => {
  const encoder = new ResponseEncoder(() => "1.3");
  const before = Table.of(Array.from({ length: 10_000 }, (_, i) => resource(i, "1")));
  const stuck = encoder.encode(feed, full(before, "1"));
  const changed = resource(5_000, "2");
  const newest = encoder.encode(feed, full(before.with([{ name: changed.name, resource: changed }]), "2"));
  const own = stuck.filter((piece) => !newest.includes(piece));
  expect(Buffer.concat(stuck).length).toBeGreaterThan(2_000_000);
  expect(Buffer.concat(own).length).toBeLessThanOrEqual(64 * 1024);
  expect(own).toHaveLength(3); // version, one chunk, nonce
});

test("all pushes of a version share every piece but the nonce, in full and as deltas", () => {
  const encoder = new ResponseEncoder(() => "1.3");
  const before = Table.of([resource(1, "1"), resource(2, "1")]);
  const changed = resource(2, "2");
  const table = before.with([{ name: changed.name, resource: changed }]);
  const delta = deltaTo(before, table);
  for (const push of [full(table, "1"), { kind: "delta", nonce: "1" as Nonce, table, delta } as const]) {
    const one = encoder.encode(feed, push);
    const other = encoder.encode(feed, { ...push, nonce: "2" as Nonce });
    expect(one.length).toBe(other.length);
    one.slice(0, -1).forEach((piece, i) => expect(other[i]).toBe(piece));
    expect(one.at(-1)).not.toEqual(other.at(-1));
  }
});
