import type { Turns } from "../lib/turns.ts";
import type { Feed } from "../snapshot/feed.ts";
import type { DistributionObserver } from "./observer.ts";
import { inOrder, type Subscriptions } from "./order.ts";
import type { Pacer, Pass } from "./pacer.ts";
import type { Awaiting, Nonce, Push } from "./subscription.ts";

/** How a protocol writes a push: the pieces of one message, shared between sinks wherever they are alike. */
export type Encode = (feed: Feed, push: Push) => readonly Uint8Array[];

/** What writing takes. All streams of a server share one of these. */
export interface WriterDeps {
  /** Where streams queue for their turn to send. */
  readonly turns: Turns;
  /** What large pushes ask for leave. */
  readonly pacer: Pacer;
  readonly encode: Encode;
  readonly observer: DistributionObserver;
}

/** Where messages go. */
export interface Outlet {
  /**
   * Takes one message of so many bytes, which speaks of a feed. Resolves to `true` when the transport has taken all of it, to
   * `false` when the stream is gone.
   */
  send(pieces: readonly Uint8Array[], feed: Feed, bytes: number): Promise<boolean>;
}

/** Whoever decides what is written. */
export interface Author extends Subscriptions {
  /** What is due of a feed by now, and where it leads; `undefined` when nothing is. Without effect: it may be asked anew. */
  draft(feed: Feed, nonce: Nonce): readonly [Awaiting, Push] | undefined;
  /** What was drafted last, of this feed, is on its way. */
  sends(feed: Feed, state: Awaiting, push: Push): void;
}

/** What all streams share that have nothing to send: an empty set of its own took each of them 150 bytes, and more once it was full. */
const clean: readonly Feed[] = [];

/**
 * Writes the pushes of one stream, one at a time: knows of which feeds something may be due, waits for its turn, asks for
 * leave, and comes back when the transport has taken the last one. What is due is decided only then, from the newest
 * snapshot, so the memory of a stream does not depend on how fast configuration changes.
 */
export class Writer {
  readonly #deps: WriterDeps;
  readonly #outlet: Outlet;
  readonly #author: Author;
  /** Feeds that may have something to send, in the order in which they became so. Replaced, and never changed. */
  #dirty: readonly Feed[] = clean;
  readonly #again = (): boolean => this.#queue();
  readonly #turn = (): void => {
    this.#queued = false;
    this.#write();
  };
  #nonce = 0;
  #queued = false;
  #writing = false;
  #quiet: (() => void) | undefined;
  #closed = false;

  constructor(deps: WriterDeps, outlet: Outlet, author: Author) {
    this.#deps = deps;
    this.#outlet = outlet;
    this.#author = author;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Something may be due of a feed. */
  wake(feed: Feed): void {
    if (this.#closed) return;
    this.#soil(feed);
    this.#queue();
  }

  /** Calls `quiet`, at once or later, when nothing is left to be written unless the sink says something. The last call counts. */
  whenQuiet(quiet: () => void): void {
    this.#quiet = quiet;
    this.#settle();
  }

  /** Writes nothing any more. */
  close(): void {
    this.#closed = true;
    this.#deps.pacer.forget(this.#again);
    this.#dirty = clean;
  }

  /** Gives whether there is a turn to come: not while a message is being written, after which there is one if it is needed. */
  #queue(): boolean {
    if (this.#writing || this.#closed) return false;
    if (this.#queued) return true;
    this.#queued = true;
    this.#deps.turns.add(this.#turn);
    return true;
  }

  /** Sends the first thing that is due, then comes back for the next when the transport has taken it. */
  #write(): void {
    const { encode, pacer } = this.#deps;
    for (const feed of inOrder(this.#dirty, this.#author)) {
      this.#clean(feed);
      const next = this.#author.draft(feed, `${this.#nonce + 1}` as Nonce);
      if (next === undefined) continue;
      const [state, push] = next;
      const pieces = encode(feed, push);
      const bytes = byteLength(pieces);
      const pass = pacer.ask(bytes, this.#again);
      if (pass === undefined) {
        // What was decided is dropped, not kept: when there is room it is decided anew, from what is newest then. Until then
        // it stands behind what is due besides, which may be small enough to go first.
        this.#soil(feed);
        continue;
      }
      this.#nonce++;
      this.#author.sends(feed, state, push);
      this.#transmit(feed, push.kind, pieces, bytes, pass);
      return;
    }
    if (this.#dirty.length === 0) pacer.forget(this.#again);
    this.#settle();
  }

  #transmit(feed: Feed, kind: Push["kind"], pieces: readonly Uint8Array[], bytes: number, pass: Pass): void {
    const { observer } = this.#deps;
    this.#writing = true;
    void this.#outlet.send(pieces, feed, bytes).then((taken) => {
      this.#writing = false;
      pass.giveBack();
      if (!taken) {
        observer.sendFailed(feed.collection);
        return;
      }
      observer.pushed(feed.collection, kind, bytes);
      if (this.#dirty.length > 0 && !this.#closed) this.#queue();
      else this.#settle();
    });
  }

  #soil(feed: Feed): void {
    if (this.#dirty.length === 0) this.#dirty = [feed];
    else if (!this.#dirty.includes(feed)) this.#dirty = [...this.#dirty, feed];
  }

  #clean(feed: Feed): void {
    const rest = this.#dirty.filter((other) => other !== feed);
    this.#dirty = rest.length === 0 ? clean : rest;
  }

  #settle(): void {
    if (this.#quiet === undefined || this.#queued || this.#writing || this.#closed || this.#dirty.length > 0) return;
    const quiet = this.#quiet;
    this.#quiet = undefined;
    quiet();
  }
}

function byteLength(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}
