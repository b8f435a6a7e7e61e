import type { Clock } from "./clock.ts";

/**
 * A queue of short jobs that never holds the event loop for long: it runs jobs first come, first served, and yields to
 * waiting I/O whenever a slice of time is used up.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #sliceMs: number;
  #queue: (() => void)[] = [];
  #next = 0;
  #scheduled = false;

  /**
   * @param sliceMs how long jobs may run before the event loop has its turn, milliseconds; what they set off, such as writing and
   *   reading the answers to what was written a slice ago, takes several times as long
   */
  constructor(clock: Clock, sliceMs = 2) {
    this.#clock = clock;
    this.#sliceMs = sliceMs;
  }

  /** Jobs that wait for their turn. */
  get waiting(): number {
    return this.#queue.length - this.#next;
  }

  add(job: () => void): void {
    this.#queue.push(job);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.defer(() => this.#slice());
  }

  #slice(): void {
    this.#scheduled = false;
    const end = this.#clock.now() + this.#sliceMs;
    try {
      while (this.#next < this.#queue.length) {
        const job = this.#queue[this.#next++]!;
        job();
        if (this.#clock.now() >= end) break;
      }
    } finally {
      if (this.#next === this.#queue.length) {
        this.#queue = [];
        this.#next = 0;
      } else this.#schedule();
    }
  }
}
