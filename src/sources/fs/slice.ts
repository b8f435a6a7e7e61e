import type { Clock } from "../../lib/clock.ts";

/** Rations long work: after each slice of time the event loop has its turn. */
export class Slice {
  readonly #clock: Clock;
  readonly #ms: number;
  #end: number;

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
    this.#end = clock.now() + ms;
  }

  /** Whether it is time to `rest`. */
  get isOver(): boolean {
    return this.#clock.now() >= this.#end;
  }

  /** Lets others have their turn, then begins the next slice. */
  async rest(): Promise<void> {
    await new Promise<void>((resume) => this.#clock.defer(resume));
    this.#end = this.#clock.now() + this.#ms;
  }
}
