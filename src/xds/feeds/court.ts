import type { Turns } from "../../lib/turns.ts";
import { Accepted, type AcceptedOptions } from "./accepted.ts";

/** Resources that are judged in one turn: about half a millisecond's worth. What is less is judged as it is published. */
export const PORTION = 100;

/**
 * Judges what is published, in turns with everybody else when it is much. Collections that are judged together are seen
 * together, when all of them are judged: what refers must not overtake what it refers to, because that is more to judge.
 *
 * What is published while others are judged waits for its own round, and only the newest of it. A version that is passed over
 * like this was never sent to anybody, so nobody misses it as the last good one.
 */
export class Court implements Disposable {
  readonly #turns: Turns;
  readonly #all: Accepted[] = [];
  #waiting: Accepted[] = [];
  #judged: Accepted[] = [];
  #hasTurn = false;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** Judges a collection from now on, and for good: what once passed must be known when its successor does not. */
  open(options: AcceptedOptions): Accepted {
    const accepted = new Accepted(options);
    this.#all.push(accepted);
    // It joins the round that is under way: a client that asks for many types gets the first of each in their order.
    if (accepted.begin()) this.#waiting.push(accepted);
    if (!this.#hasTurn) this.#judge();
    return accepted;
  }

  /** Looks at what is published now: to be called at every change of a collection that was opened. */
  follow(): void {
    // A round ends with a look at what was published meanwhile.
    if (!this.#hasTurn) this.#judge();
  }

  /** Judges no more. */
  [Symbol.dispose](): void {
    this.#all.length = 0;
    this.#waiting = [];
    this.#judged = [];
  }

  #judge(): void {
    let most = PORTION;
    for (;;) {
      if (this.#waiting.length === 0 && this.#judged.length === 0)
        this.#waiting = this.#all.filter((one) => one.begin());
      if (this.#waiting.length === 0 && this.#judged.length === 0) return;
      for (const accepted of this.#waiting) {
        most -= accepted.judge(most);
        if (!accepted.isJudged) break;
        this.#judged.push(accepted);
      }
      this.#waiting = this.#waiting.filter((one) => !one.isJudged);
      if (this.#waiting.length > 0) {
        this.#goOnLater();
        return;
      }
      const judged = this.#judged;
      this.#judged = [];
      for (const accepted of judged) accepted.settle();
      for (const accepted of judged) accepted.tell();
    }
  }

  #goOnLater(): void {
    this.#hasTurn = true;
    this.#turns.add(() => {
      this.#hasTurn = false;
      this.#judge();
    });
  }
}
