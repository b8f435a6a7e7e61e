import { describe, expect, it } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { Keepalive } from "./keepalive.ts";

interface Seen {
  read: number;
  waiting: number;
  askable: boolean;
  pings: number;
  dead: number;
  stop: () => void;
}

function watch(clock: ManualClock): Seen {
  const seen: Seen = { read: 0, waiting: 0, askable: true, pings: 0, dead: 0, stop: () => undefined };
  const limits = { keepaliveIdleMs: 30_000, keepaliveTimeoutMs: 10_000 };
  const keepalive = new Keepalive(clock, limits, {
    get bytesRead() {
      return seen.read;
    },
    get bytesWaiting() {
      return seen.waiting;
    },
    ping: () => {
      if (seen.askable) seen.pings++;
      return seen.askable;
    },
    dead: () => void seen.dead++,
  });
  seen.stop = () => keepalive.stop();
  return seen;
}

describe("Keepalive", () => {
  it("pings after 30 s of silence and gives the peer up 10 s later", () => {
    const clock = new ManualClock();
    const seen = watch(clock);
    clock.advance(29_999);
    expect(seen.pings).toBe(0);
    clock.advance(1);
    expect(seen).toMatchObject({ pings: 1, dead: 0 });
    clock.advance(9_999);
    expect(seen.dead).toBe(0);
    clock.advance(1);
    expect(seen.dead).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("takes any byte for a sign of life, the answer to the ping included", () => {
    const clock = new ManualClock();
    const seen = watch(clock);
    for (let round = 1; round <= 5; round++) {
      clock.advance(30_000);
      expect(seen.pings).toBe(round);
      seen.read += 17;
      clock.advance(10_000);
    }
    expect(seen.dead).toBe(0);
  });

  it("doesn't ping a peer that talks", () => {
    const clock = new ManualClock();
    const seen = watch(clock);
    for (let i = 0; i < 100; i++) {
      seen.read++;
      clock.advance(14_000);
    }
    expect(seen).toMatchObject({ pings: 0, dead: 0 });
  });

  it("takes it for a sign of life that bytes which had to wait were taken, but not that some have to wait", () => {
    const clock = new ManualClock();
    const slow = watch(clock);
    const stuck = watch(clock);
    stuck.waiting = 100_000;
    for (slow.waiting = 100_000; slow.waiting >= 0; slow.waiting -= 1_000) clock.advance(15_000);
    expect(slow).toMatchObject({ pings: 0, dead: 0 });
    expect(stuck).toMatchObject({ pings: 1, dead: 1 });
  });

  it("doesn't judge a peer that can't be asked, until it can", () => {
    const clock = new ManualClock();
    const seen = watch(clock);
    seen.askable = false;
    clock.advance(3_600_000);
    expect(seen).toMatchObject({ pings: 0, dead: 0 });
    seen.askable = true;
    clock.advance(25_000);
    expect(seen).toMatchObject({ pings: 1, dead: 1 });
  });

  it("keeps one timer while it runs and none once stopped, whatever it was waiting for", () => {
    const clock = new ManualClock();
    const looking = watch(clock);
    const judging = watch(clock);
    clock.advance(15_000);
    expect(clock.pending).toBe(2);
    looking.stop();
    clock.advance(15_000);
    judging.stop();
    expect(clock.pending).toBe(0);
    clock.advance(100_000);
    expect(looking).toMatchObject({ pings: 0, dead: 0 });
    expect(judging).toMatchObject({ pings: 1, dead: 0 });
  });
});
