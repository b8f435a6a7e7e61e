import type { Clock } from "../lib/clock.ts";

export interface PacerOptions {
  /** Bytes of pushes that may be under way at the same time over all streams; one push alone may be larger. */
  readonly budgetBytes: number;
  /** Pushes up to this size are never held back: deltas and small collections go first. */
  readonly smallBytes: number;
  /** A push that the peer has not taken by then no longer counts: a sink that stops reading holds nobody up, milliseconds. */
  readonly stalledMs: number;
}

export const pacing: PacerOptions = { budgetBytes: 128 * 1024 * 1024, smallBytes: 64 * 1024, stalledMs: 1000 };

/** Leave to send. Given back when the transport has taken the push, or the stream is gone. */
export interface Pass {
  giveBack(): void;
}

const free: Pass = { giveBack: () => undefined };

/**
 * Bounds how many bytes of large pushes are under way at once, so that memory stays flat however many sinks come back at the
 * same time. Who has to wait is called again, first come, first served, when there is room.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #options: PacerOptions;
  readonly #waiting = new Map<() => void, number>();
  #underWay = 0;
  #looksAgain = false;

  constructor(clock: Clock, options: PacerOptions = pacing) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Bytes under way. */
  get underWayBytes(): number {
    return this.#underWay;
  }

  /** Streams that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Leave to send so many bytes; `undefined` when there is no room, and `again` is called when there is. */
  ask(bytes: number, again: () => void): Pass | undefined {
    if (bytes <= this.#options.smallBytes) return free;
    if (this.#underWay > 0 && this.#underWay + bytes > this.#options.budgetBytes) {
      this.#waiting.set(again, bytes);
      return undefined;
    }
    this.#waiting.delete(again);
    return this.#give(bytes);
  }

  /** Forgets somebody who waits. */
  forget(again: () => void): void {
    this.#waiting.delete(again);
  }

  #give(bytes: number): Pass {
    this.#underWay += bytes;
    let isOut = true;
    const giveBack = (): void => {
      if (!isOut) return;
      isOut = false;
      cancel();
      this.#underWay -= bytes;
      this.#wakeNext();
    };
    const cancel = this.#clock.schedule(this.#options.stalledMs, giveBack);
    return { giveBack };
  }

  /** Wakes as many as there is room for, counting on those who ask only when it is their turn. */
  #wakeNext(): void {
    let pledged = 0;
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const [again, bytes] = next;
      const taken = this.#underWay + pledged;
      if (taken > 0 && taken + bytes > this.#options.budgetBytes) break;
      this.#waiting.delete(again);
      const before = this.#underWay;
      again();
      if (this.#underWay === before) pledged += bytes;
    }
    if (pledged > 0) this.#lookAgain();
  }

  /** Who was counted on may need no room after all when its turn comes, and gives none back: the next one must not wait for that. */
  #lookAgain(): void {
    if (this.#looksAgain) return;
    this.#looksAgain = true;
    this.#clock.defer(() => {
      this.#looksAgain = false;
      this.#wakeNext();
    });
  }
}
