import type { Cancel, Clock } from "./clock.ts";

/** A clock that stands still until told to move; timers run in due order, ties in the order they were set. */
export class ManualClock implements Clock {
  #now = 0;
  #order = 0;
  #timers: { readonly due: number; readonly order: number; readonly run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  /** Timers not yet run nor cancelled: a test's leak check. */
  get pending(): number {
    return this.#timers.length;
  }

  schedule(delayMs: number, run: () => void): Cancel {
    const timer = { due: this.#now + Math.max(0, delayMs), order: this.#order++, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  defer(run: () => void): void {
    this.schedule(0, run);
  }

  /** Moves time on by `ms`, running what falls due on the way. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#earliest();
      if (next === undefined || next.due > end) break;
      this.#timers = this.#timers.filter((t) => t !== next);
      this.#now = next.due;
      next.run();
    }
    this.#now = end;
  }

  #earliest(): { readonly due: number; readonly order: number; readonly run: () => void } | undefined {
    let best = this.#timers[0];
    for (const t of this.#timers) {
      if (t.due < best!.due || (t.due === best!.due && t.order < best!.order)) best = t;
    }
    return best;
  }
}
