import fc from "fast-check";
import { expect, test } from "vitest";
import type { ResourceName, ResourceVersion } from "../model/names.ts";
import { Claim } from "../snapshot/claim.ts";
import { PeerMemory } from "./peer-memory.ts";

test("streams take what is beyond the free part of each, and give back what they took", () => {
  const claims = fc.array(fc.tuple(fc.nat(4), fc.nat(300)), { maxLength: 50 });
  fc.assert(
    fc.property(claims, (steps) => {
      const budget = new PeerMemory({ streamBytes: 250, totalBytes: 500, freeBytes: 100 });
      const streams = [0, 0, 0, 0, 0];
      for (const [stream, bytes] of steps) {
        const before = streams[stream]!;
        const others = streams.reduce((sum, taken, i) => sum + (i === stream ? 0 : Math.max(0, taken - 100)), 0);
        const excess = budget.excess(before, bytes);
        if (bytes <= before) expect(excess).toBeUndefined();
        else if (bytes > 250) expect(excess).toBe("of the stream");
        else expect(excess).toBe(bytes > 100 && others + bytes - 100 > 500 ? "of all streams" : undefined);
        if (excess !== undefined) continue;
        budget.change(before, bytes);
        streams[stream] = bytes;
        expect(budget.takenBytes).toBe(others + Math.max(0, bytes - 100));
      }
      for (const bytes of streams) budget.change(bytes, 0);
      expect(budget.takenBytes).toBe(0);
    }),
  );
});

test("10,000 sinks that come back while nothing is published are let in with 15 KB of versions each", () => {
  const text = (start: string, length: number): string => start.padEnd(length, "x");
  const entries = Array.from({ length: 100 }, (_, i) => [text(`ns/resource-${i}`, 120), text("version", 22)]);
  const { bytes } = Claim.of(new Map(entries as [ResourceName, ResourceVersion][]));
  const budget = new PeerMemory();
  for (let i = 0; i < 10_000; i++) {
    expect(budget.excess(0, bytes)).toBeUndefined();
    budget.change(0, bytes);
  }
  expect(budget.excess(0, 10_000_000 * 8)).toBe("of the stream");
});
