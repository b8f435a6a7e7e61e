import type { Cancel, Clock } from "../../src/lib/clock.ts";

/** The day on which simulations begin: certificates are judged by it. */
const DAY = Date.parse("2026-01-01");

/** A clock for what never rests, and counts its timers, so that they can be told from those of work that is to be done. */
export class BackgroundClock implements Clock {
  readonly #clock: Clock;
  #pending = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Timers not yet run nor cancelled. */
  get pending(): number {
    return this.#pending;
  }

  now(): number {
    return this.#clock.now();
  }

  wall(): number {
    return DAY + this.#clock.now();
  }

  schedule(delayMs: number, run: () => void): Cancel {
    let isOver = false;
    const over = (): void => {
      if (!isOver) this.#pending--;
      isOver = true;
    };
    this.#pending++;
    const cancel = this.#clock.schedule(delayMs, () => {
      over();
      run();
    });
    return () => {
      over();
      cancel();
    };
  }

  defer(run: () => void): void {
    this.schedule(0, run);
  }
}
