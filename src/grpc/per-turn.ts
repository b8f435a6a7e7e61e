/**
 * Runs jobs at once while they are few, and only so many in a turn of the event loop when they come in masses; the others follow
 * in the next turns, first come, first served. `Turns` (`src/lib`) is for work that can always wait.
 */
export class PerTurn {
  readonly #most: number;
  /** Jobs that were run in this turn. */
  #ran = 0;
  #waiting: (() => void)[] = [];
  #next = 0;
  #scheduled = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** Runs a job now or soon. It must not throw. */
  run(job: () => void): void {
    if (this.#ran < this.#most && this.#next === this.#waiting.length) {
      this.#ran++;
      this.#schedule();
      job();
    } else this.#waiting.push(job);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    this.#ran = 0;
    const end = Math.min(this.#next + this.#most, this.#waiting.length);
    while (this.#next < end) {
      const job = this.#waiting[this.#next++]!;
      this.#ran++;
      this.#schedule();
      job();
    }
    if (this.#next < this.#waiting.length) return;
    this.#waiting = [];
    this.#next = 0;
  }
}
