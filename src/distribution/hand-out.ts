import type { Turns } from "../lib/turns.ts";
import type { Again, Pacer } from "./pacer.ts";

/**
 * Knows when what has just been published is handed out: it queues behind all who were woken by it, as if it were one more
 * stream with one more push, first for a turn and then, while large pushes wait for room, behind those.
 */
export class HandOut {
  readonly #turns: Turns;
  readonly #pacer: Pacer;
  #waiting: { readonly again: Again; readonly over: () => void } | undefined;

  constructor(turns: Turns, pacer: Pacer) {
    this.#turns = turns;
    this.#pacer = pacer;
  }

  /**
   * Calls `over` once every stream with something due has begun to send it, or is busy with something older. Who asks again
   * before that takes the place of who asked first: what is newer is handed out instead.
   */
  whenOver(over: () => void): void {
    this.forget();
    const again = (): boolean => {
      this.#turns.add(() => this.#ask(again));
      return true;
    };
    this.#waiting = { again, over };
    again();
  }

  /** Nobody wants to know any more. */
  forget(): void {
    if (this.#waiting === undefined) return;
    this.#pacer.forget(this.#waiting.again);
    this.#waiting = undefined;
  }

  #ask(again: Again): void {
    if (this.#waiting?.again !== again) return;
    const pass = this.#pacer.ask(this.#pacer.leastBytes, again);
    if (pass === undefined) return;
    const { over } = this.#waiting;
    this.#waiting = undefined;
    pass.giveBack();
    over();
  }
}
