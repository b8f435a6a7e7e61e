import { runSink, type SinkOptions } from "./client.ts";
import type { Change } from "./change.ts";

/** A change to loop over. It is acknowledged when the next one is asked for, unless it was refused before. */
export interface WatchedChange extends Change {
  /**
   * Refuses the change at once: the source is told why, and sends the next version when there is one. Without effect once
   * the change is answered.
   */
  nack(reason: string): void;
}

/** Like the options of `runSink`; changes come from the loop. */
export interface WatchOptions extends Omit<SinkOptions, "apply" | "signal"> {
  /** Ends the loop. */
  readonly signal?: AbortSignal;
}

/**
 * The changes of a source's collections, to loop over with `for await`. Connects when the first one is asked for, and
 * reconnects by itself (see `runSink`).
 *
 * To ask for the next change is to acknowledge the one before: it was taken in. To leave the loop, by `break`, `return` or
 * an error, is to leave the source: the last change stays unanswered, and the loop ends when every socket is closed. An
 * aborted signal ends the loop like the end of a list.
 */
export function watchCollections(options: WatchOptions): Watch {
  return new ChangeLoop(options);
}

/** What `watchCollections` returns. One consumer, one `next` at a time. */
export interface Watch extends AsyncIterableIterator<WatchedChange, undefined, undefined>, AsyncDisposable {
  next(): Promise<IteratorResult<WatchedChange, undefined>>;
  return(): Promise<IteratorResult<WatchedChange, undefined>>;
  [Symbol.asyncIterator](): Watch;
}

/** A change on offer, and what answers it. */
interface Offer {
  readonly change: Change;
  readonly accept: () => void;
  readonly refuse: (reason: Error) => void;
}

const done: IteratorResult<never, undefined> = { done: true, value: undefined };

class ChangeLoop implements Watch {
  readonly #options: WatchOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** Offered and not yet taken by the loop. */
  #offer: Offer | undefined;
  /** Taken by the loop and not yet answered. */
  #taken: Offer | undefined;
  #wake: (() => void) | undefined;
  #waiting = false;
  #ended = false;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): Watch {
    return this;
  }

  async next(): Promise<IteratorResult<WatchedChange, undefined>> {
    if (this.#waiting) throw new Error("the change before this one has not come yet: await it first");
    this.#taken?.accept();
    this.#taken = undefined;
    this.#running ??= this.#start();
    this.#waiting = true;
    while (this.#offer === undefined && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#waiting = false;
    const offer = this.#offer;
    this.#offer = undefined;
    if (offer === undefined || this.#ended) return await this.#finish();
    this.#taken = offer;
    return { done: false, value: { ...offer.change, nack: (reason) => offer.refuse(new Error(reason)) } };
  }

  async return(): Promise<IteratorResult<WatchedChange, undefined>> {
    this.#stop.abort();
    this.#ended = true;
    this.#wake?.();
    return await this.#finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Waits for the end of the sink; an error of it is thrown once. */
  async #finish(): Promise<IteratorResult<WatchedChange, undefined>> {
    const running = this.#running;
    this.#running = Promise.resolve();
    await running;
    return done;
  }

  #start(): Promise<void> {
    const running = this.#run();
    // Whoever asks for the next change is thrown what went wrong; until then it must not count as unhandled.
    running.catch(() => undefined);
    return running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    const either = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
    try {
      await runSink({ ...this.#options, signal: either, apply: (change) => this.#hand(change) });
    } finally {
      this.#ended = true;
      this.#wake?.();
    }
  }

  #hand(change: Change): Promise<void> {
    return new Promise((accept, refuse) => {
      this.#offer = { change, accept, refuse };
      this.#wake?.();
    });
  }
}
