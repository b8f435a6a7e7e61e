import { expect, test } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { Intake, IN_A_ROW, uselessLimit } from "./intake.ts";

/** A peer that always has more to say, all of it useful or of no use. */
function talkative(isUseful: boolean) {
  const clock = new ManualClock();
  const peer = { taken: 0, rests: 0, isPaused: false };
  const speak = (): void => {
    while (!peer.isPaused) {
      peer.taken++;
      intake.took();
      if (!isUseful && intake.wasUseless()) peer.rests++;
    }
  };
  const intake = new Intake(clock, {
    pause: () => void (peer.isPaused = true),
    resume() {
      peer.isPaused = false;
      speak();
    },
  });
  return { clock, peer, intake, speak };
}

test("so many messages are taken in a row, and then the event loop has its turn", () => {
  const { clock, peer, speak, intake } = talkative(true);
  speak();
  expect(peer.taken).toBe(IN_A_ROW);
  expect(clock.pending).toBe(1);
  intake.close();
  clock.advance(0);
  expect(peer.taken).toBe(IN_A_ROW);
});

test("a stream that says more than a burst of what is of no use is read at the pace of the limit, for however long", () => {
  const { clock, peer, speak, intake } = talkative(false);
  speak();
  clock.advance(0);
  expect([peer.taken, peer.rests]).toEqual([uselessLimit.burst + 1, 1]);
  clock.advance(60_000);
  const [least, most] = [60 * uselessLimit.perSecond, 61 * (uselessLimit.perSecond + 1)];
  expect(peer.taken - uselessLimit.burst).toBeGreaterThanOrEqual(least);
  expect(peer.taken - uselessLimit.burst).toBeLessThanOrEqual(most);
  intake.close();
  expect(peer.isPaused).toBe(true);
  expect(clock.pending).toBe(0);
});
