import type { Cancel, Clock } from "./clock.ts";

export interface DebounceOptions {
  /** The window after a lone run, milliseconds. */
  readonly minMs: number;
  /** The widest the window grows to while changes keep coming, milliseconds: the longest that a change waits. */
  readonly maxMs: number;
}

/**
 * Runs at once for the first change after quiet (in the next turn of the event loop, so that what comes in one piece goes out
 * in one), then at the end of each window that saw a change. The window doubles
 * while changes keep coming and is back at its smallest after one without any: a lone edit is instant, a storm costs
 * at most one run a window.
 */
export class Debounce {
  readonly #clock: Clock;
  readonly #options: DebounceOptions;
  readonly #run: () => void;
  #windowMs = 0;
  #pending = false;
  #disposed = false;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, options: DebounceOptions, run: () => void) {
    this.#clock = clock;
    this.#options = options;
    this.#run = run;
  }

  /** The window in force, milliseconds; 0 when quiet. */
  get windowMs(): number {
    return this.#windowMs;
  }

  changed(): void {
    this.#pending = true;
    if (this.#cancel !== undefined) return;
    this.#cancel = () => undefined;
    this.#clock.defer(() => {
      if (!this.#disposed) this.#open(this.#options.minMs);
    });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#cancel?.();
    this.#cancel = () => undefined;
    this.#pending = false;
  }

  #open(windowMs: number): void {
    this.#pending = false;
    this.#windowMs = windowMs;
    // Armed before the run: a change that the run itself causes belongs to the next window.
    this.#cancel = this.#clock.schedule(windowMs, () => this.#due());
    this.#run();
  }

  #due(): void {
    this.#cancel = undefined;
    if (this.#pending) this.#open(Math.min(this.#windowMs * 2, this.#options.maxMs));
    else this.#windowMs = 0;
  }
}
