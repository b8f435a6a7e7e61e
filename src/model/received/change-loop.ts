import type { ReceivedChange } from "./change.ts";

/** A change to loop over. It is acknowledged when the next one is asked for, unless it was refused before. */
export type Watched<Change extends ReceivedChange> = Change & {
  /**
   * Refuses the change at once: the server is told why, and sends the next version when there is one. Without effect once
   * the change is answered.
   */
  nack(reason: string): void;
};

/** Changes to loop over with `for await`. One consumer, one `next` at a time. */
export interface Watch<Change extends ReceivedChange>
  extends AsyncIterableIterator<Watched<Change>, undefined, undefined>, AsyncDisposable {
  next(): Promise<IteratorResult<Watched<Change>, undefined>>;
  return(): Promise<IteratorResult<Watched<Change>, undefined>>;
  [Symbol.asyncIterator](): Watch<Change>;
}

/** Receives changes until the signal aborts, and answers each when `apply` is through with it. */
export type Receive<Change extends ReceivedChange> = (
  apply: (change: Change) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;

/** A change on offer, and what answers it. */
interface Offer<Change> {
  readonly change: Change;
  readonly accept: () => void;
  readonly refuse: (reason: Error) => void;
}

const done: IteratorResult<never, undefined> = { done: true, value: undefined };

/**
 * Makes a loop of what receives changes, which begins when the first one is asked for. To ask for the next change is to
 * accept the one before; to leave the loop is to stop receiving, and ends when that has ended.
 */
export class ChangeLoop<Change extends ReceivedChange> implements Watch<Change> {
  readonly #receive: Receive<Change>;
  readonly #signal: AbortSignal | undefined;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** Offered and not yet taken by the loop. */
  #offer: Offer<Change> | undefined;
  /** Taken by the loop and not yet answered. */
  #taken: Offer<Change> | undefined;
  #wake: (() => void) | undefined;
  #waiting = false;
  #ended = false;

  /** @param signal ends the loop like the end of a list */
  constructor(receive: Receive<Change>, signal?: AbortSignal) {
    this.#receive = receive;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): Watch<Change> {
    return this;
  }

  async next(): Promise<IteratorResult<Watched<Change>, undefined>> {
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
    return { done: false, value: { ...offer.change, nack: (reason: string) => offer.refuse(new Error(reason)) } };
  }

  async return(): Promise<IteratorResult<Watched<Change>, undefined>> {
    this.#stop.abort();
    this.#ended = true;
    this.#wake?.();
    return await this.#finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Waits for the end; an error of it is thrown once. */
  async #finish(): Promise<IteratorResult<Watched<Change>, undefined>> {
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
    const stop = this.#stop.signal;
    const either = this.#signal === undefined ? stop : AbortSignal.any([this.#signal, stop]);
    try {
      await this.#receive((change) => this.#hand(change), either);
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
