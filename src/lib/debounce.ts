import type { Cancel, Clock } from "./clock.ts";

export interface DebounceOptions {
  /** The window after a lone run, milliseconds. */
  readonly minMs: number;
  /** How wide the window grows while changes keep coming and runs are cheap, milliseconds. */
  readonly steadyMs: number;
  /** How wide it grows when runs are dear: the longest that a change waits, milliseconds. */
  readonly maxMs: number;
}

/** Does what is to be done, and calls `done`, at once or later, when all that it set off is over. */
export type Run = (done: () => void) => void;

/** The time from one run to the next. */
interface Window {
  readonly openedAt: number;
  /** What it lasts if runs are cheap. */
  readonly leastMs: number;
  lengthMs: number;
  /** What its run took, as soon as that is over. */
  costMs: number | undefined;
  cancel: Cancel;
}

/** Windows are so many times as long as what a run sets off: that never takes more than half of the time for long. */
const COST_FACTOR = 2;

/**
 * Runs at once for the first change after quiet (in the next turn of the event loop, so that what comes in one piece goes out
 * in one), then at the end of each window that saw a change. The window doubles while changes keep coming and is back at its
 * smallest after one without any: a lone edit is instant, a storm costs at most one run a window. Where runs take long the
 * window is wider than that, by what its own run takes or the one before took, whichever is less: a single slow run, such as
 * the first of a process, is no reason to wait.
 */
export class Debounce {
  readonly #clock: Clock;
  readonly #options: DebounceOptions;
  readonly #run: Run;
  /** `undefined` when quiet. */
  #window: Window | undefined;
  #gatheredMs = 0;
  #lastCostMs = 0;
  #asked = false;
  #pending = false;
  #disposed = false;

  constructor(clock: Clock, options: DebounceOptions, run: Run) {
    this.#clock = clock;
    this.#options = options;
    this.#run = run;
  }

  /** How long the window was that ended with the last run, milliseconds; 0 when there was none, as after quiet. */
  get gatheredMs(): number {
    return this.#gatheredMs;
  }

  changed(): void {
    this.#pending = true;
    if (this.#asked || this.#window !== undefined) return;
    this.#asked = true;
    this.#clock.defer(() => {
      this.#asked = false;
      if (!this.#disposed) this.#open(0, this.#options.minMs);
    });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#asked = true;
    this.#window?.cancel();
    this.#window = undefined;
  }

  #open(gatheredMs: number, leastMs: number): void {
    this.#pending = false;
    this.#gatheredMs = gatheredMs;
    const lengthMs = this.#lengthFor(this.#lastCostMs, leastMs);
    // Armed before the run: a change that the run itself causes belongs to the next window.
    const cancel = this.#clock.schedule(lengthMs, () => this.#close());
    const window: Window = { openedAt: this.#clock.now(), leastMs, lengthMs, costMs: undefined, cancel };
    this.#window = window;
    this.#run(() => {
      if (this.#window === window) this.#over(window);
    });
  }

  /** The run is over: if it was cheaper than the one before, the window ends sooner. */
  #over(window: Window): void {
    const costMs = this.#clock.now() - window.openedAt;
    window.costMs = costMs;
    if (costMs >= this.#lastCostMs) return;
    window.lengthMs = this.#lengthFor(costMs, window.leastMs);
    window.cancel();
    window.cancel = this.#clock.schedule(window.lengthMs - costMs, () => this.#close());
  }

  #close(): void {
    const { leastMs, lengthMs, costMs } = this.#window!;
    this.#window = undefined;
    this.#lastCostMs = costMs ?? lengthMs;
    if (this.#pending) this.#open(lengthMs, Math.min(leastMs * 2, this.#options.steadyMs));
  }

  #lengthFor(costMs: number, leastMs: number): number {
    return Math.min(Math.max(leastMs, costMs * COST_FACTOR), this.#options.maxMs);
  }
}
