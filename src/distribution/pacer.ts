import type { Clock } from "../lib/clock.ts";

export interface PacerOptions {
  /** Bytes of pushes that may be under way at the same time over all streams; one push alone may be larger. */
  readonly budgetBytes: number;
  /** Bytes of pushes that are begun before the event loop has its turn again; one push alone may be larger. No bound without. */
  readonly turnBytes?: number;
  /** Pushes up to this size are never held back: deltas and small collections go first. */
  readonly smallBytes: number;
  /** A push that the peer has not taken by then no longer counts: a sink that stops reading holds nobody up, milliseconds. */
  readonly stalledMs: number;
}

/** What is begun in one turn is copied to the system in one go: 16 MiB take it some 5 ms. */
export const pacing: PacerOptions = {
  budgetBytes: 128 * 1024 * 1024,
  turnBytes: 16 * 1024 * 1024,
  smallBytes: 64 * 1024,
  stalledMs: 1000,
};

/** Leave to send. Given back when the transport has taken the push, or the stream is gone. */
export interface Pass {
  giveBack(): void;
}

const free: Pass = { giveBack: () => undefined };

/** Calls somebody who waits. Gives whether it asks once more, or else says `forget`, in its next turn; `false` when it is busy. */
export type Again = () => boolean;

interface Waiter {
  bytes: number;
  /** Bytes of room that are kept for it, since its turn has come; 0 until then. */
  kept: number;
}

/**
 * Bounds how many bytes of large pushes are under way at once, so that memory stays flat however many sinks come back at the
 * same time, and how many are begun at once, so that the event loop goes on. Who has to wait is called when there is room:
 * first come, first served. Nobody passes those who wait, so a push of almost the whole budget is not held up for ever by
 * smaller ones that still fit beside each other.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #options: PacerOptions;
  /** In the order in which they came. */
  #waiting = new Map<Again, Waiter>();
  /** Those whose turn came while they were busy: they ask by themselves, and go before those who wait. */
  readonly #passedOver = new WeakSet<Again>();
  #underWay = 0;
  #kept = 0;
  #begun = 0;
  #turnEnds = false;

  constructor(clock: Clock, options: PacerOptions = pacing) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Bytes under way. */
  get underWayBytes(): number {
    return this.#underWay;
  }

  /** The least that is held back when there is no room, bytes. */
  get leastBytes(): number {
    return this.#options.smallBytes + 1;
  }

  /** Streams that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Leave to send so many bytes; `undefined` when there is no room, and `again` is called when there is. */
  ask(bytes: number, again: Again): Pass | undefined {
    if (bytes <= this.#options.smallBytes) {
      this.#passOver(again);
      return free;
    }
    const waiter = this.#waiting.get(again);
    if (waiter === undefined) return this.#askFirst(bytes, again);
    const wasCalled = waiter.kept > 0;
    this.#giveRoomUp(waiter);
    // What is sent is decided when it is sent, and may have grown since: then it is called again, before all others.
    waiter.bytes = bytes;
    if (!wasCalled || !this.#hasRoom(bytes)) return undefined;
    this.#waiting.delete(again);
    return this.#give(bytes);
  }

  /** Forgets somebody who waits, or has nothing to send any more. */
  forget(again: Again): void {
    this.#passedOver.delete(again);
    const waiter = this.#waiting.get(again);
    if (waiter === undefined) return;
    this.#giveRoomUp(waiter);
    this.#waiting.delete(again);
    this.#callNext();
  }

  #askFirst(bytes: number, again: Again): Pass | undefined {
    const isSenior = this.#passedOver.delete(again);
    const mayPass = isSenior || this.#waiting.size === 0;
    if (mayPass && this.#hasRoom(bytes) && this.#begin(bytes)) return this.#give(bytes);
    const waiter = { bytes, kept: 0 };
    if (isSenior) this.#waiting = new Map([[again, waiter], ...this.#waiting]);
    else this.#waiting.set(again, waiter);
    return undefined;
  }

  /** Somebody is busy with something small while its turn comes: the room is for the next one. */
  #passOver(again: Again): void {
    if ((this.#waiting.get(again)?.kept ?? 0) === 0) return;
    this.forget(again);
    this.#passedOver.add(again);
  }

  #hasRoom(bytes: number): boolean {
    const taken = this.#underWay + this.#kept;
    return taken === 0 || taken + bytes <= this.#options.budgetBytes;
  }

  #giveRoomUp(waiter: Waiter): void {
    this.#kept -= waiter.kept;
    waiter.kept = 0;
  }

  /** Whether so much may still be begun in this turn of the event loop. */
  #begin(bytes: number): boolean {
    const { turnBytes = Infinity } = this.#options;
    if (this.#begun > 0 && this.#begun + bytes > turnBytes) return false;
    this.#begun += bytes;
    if (this.#turnEnds || turnBytes === Infinity) return true;
    this.#turnEnds = true;
    this.#clock.defer(() => {
      this.#turnEnds = false;
      this.#begun = 0;
      this.#callNext();
    });
    return true;
  }

  #give(bytes: number): Pass {
    this.#underWay += bytes;
    let isOut = true;
    const giveBack = (): void => {
      if (!isOut) return;
      isOut = false;
      cancel();
      this.#underWay -= bytes;
      this.#callNext();
    };
    const cancel = this.#clock.schedule(this.#options.stalledMs, giveBack);
    return { giveBack };
  }

  /** Calls as many as there is room for. */
  #callNext(): void {
    for (const [again, waiter] of this.#waiting) {
      if (waiter.kept > 0) continue;
      if (!this.#hasRoom(waiter.bytes) || !this.#begin(waiter.bytes)) return;
      this.#kept += waiter.kept = waiter.bytes;
      if (again()) continue;
      this.#giveRoomUp(waiter);
      this.#waiting.delete(again);
      this.#passedOver.add(again);
    }
  }
}
