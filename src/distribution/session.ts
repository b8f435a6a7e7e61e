import type { Clock } from "../lib/clock.ts";
import type { Turns } from "../lib/turns.ts";
import type { Collection, CollectionVersion } from "../model/names.ts";
import type { Hub } from "../snapshot/hub.ts";
import type { DistributionObserver } from "./observer.ts";
import type { Pacer, Pass } from "./pacer.ts";
import {
  dormant,
  nextPush,
  type Nonce,
  onRequest,
  type Push,
  type Request,
  type Subscription,
  type Verdict,
} from "./subscription.ts";

/** How a protocol writes a push: the pieces of one message, shared between sinks wherever they are alike. */
export type Encode = (collection: Collection, push: Push) => readonly Uint8Array[];

/** What a session is made of. All streams of a server share one of these. */
export interface SessionDeps {
  readonly hub: Hub;
  readonly clock: Clock;
  /** Where sessions queue for their turn to send. */
  readonly turns: Turns;
  /** What large pushes ask for leave. */
  readonly pacer: Pacer;
  readonly encode: Encode;
  readonly observer: DistributionObserver;
}

/** What a message is, for those who look at it on its way. */
export interface Outgoing {
  readonly collection: Collection;
  readonly bytes: number;
}

/** Takes one message. Resolves to `true` when the transport has taken all of it, to `false` when the stream is gone. */
export type Send = (pieces: readonly Uint8Array[], what: Outgoing) => Promise<boolean>;

/** What one sink holds of one collection, for people. Times are wall clock milliseconds. */
export interface Holding {
  readonly collection: Collection;
  readonly sent: CollectionVersion | undefined;
  readonly acked: CollectionVersion | undefined;
  readonly nacked: Rejection | undefined;
  readonly incremental: boolean;
  /** When the push that is not answered yet was sent. */
  readonly awaitingSince: number | undefined;
  /** Whether what the sink acknowledged is what is published now. */
  readonly synced: boolean;
}

/** A version that a sink refused, and why. */
interface Rejection {
  readonly version: CollectionVersion;
  readonly code: number;
  readonly message: string;
  readonly at: number;
}

interface Watch {
  state: Subscription;
  /** Whether there is a version that the sink has not been sent, as far as changes tell. */
  due: boolean;
  sent: CollectionVersion | undefined;
  sentAt: number;
  acked: CollectionVersion | undefined;
  nacked: Rejection | undefined;
}

/**
 * One stream: its subscriptions, what is dirty, and a writer with one message in flight. Requests are judged as they
 * come; pushes are built from the newest snapshot when the transport can take them, so the memory of a stream does not
 * depend on how fast configuration changes.
 */
export class Session {
  readonly #deps: SessionDeps;
  readonly #send: Send;
  readonly #watches = new Map<Collection, Watch>();
  /** Collections that may have something to send, in the order in which they became so. */
  readonly #dirty = new Set<Collection>();
  readonly #again = (): void => this.#queue();
  readonly #onChange = (collection: Collection): void => this.#changed(collection);
  #nonce = 0;
  #queued = false;
  #writing = false;
  #closed = false;

  constructor(deps: SessionDeps, send: Send) {
    this.#deps = deps;
    this.#send = send;
    deps.observer.streamOpened();
  }

  /** What the request would be judged as, without any effect: what limits and protocols decide by. */
  phase(collection: Collection): Subscription["phase"] {
    return this.#watches.get(collection)?.state.phase ?? "dormant";
  }

  /** Whether a nonce answers the push that is under way. */
  awaits(collection: Collection, nonce: string): boolean {
    const state = this.#watches.get(collection)?.state;
    return state?.phase === "awaiting" && state.nonce === nonce;
  }

  /** Takes in a request. `error` accompanies a NACK. */
  handle(
    collection: Collection,
    request: Request,
    error?: { readonly code: number; readonly message: string },
  ): Verdict {
    const watch = this.#watches.get(collection);
    const [state, verdict] = onRequest(watch?.state ?? dormant, request);
    this.#deps.observer.judged(collection, verdict, error?.code);
    if (verdict === "stale") return verdict;
    if (watch === undefined) this.#open(collection, state);
    else {
      this.#record(watch, verdict, error);
      watch.state = state;
    }
    this.#wake(collection);
    return verdict;
  }

  /** Ends the session: nothing is sent any more, and the hub forgets it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deps.pacer.forget(this.#again);
    for (const collection of this.#watches.keys()) this.#deps.hub.unwatch(collection, this.#onChange);
    this.#dirty.clear();
    this.#deps.observer.streamClosed();
  }

  /** What the sink holds, collection by collection; derived when asked, stored nowhere. */
  *holdings(): IterableIterator<Holding> {
    for (const [collection, { state, sent, sentAt, acked, nacked }] of this.#watches) {
      if (state.phase === "dormant") continue;
      const latest = this.#deps.hub.latest(collection)?.version;
      yield {
        collection,
        sent,
        acked,
        nacked,
        incremental: state.incremental,
        awaitingSince: state.phase === "awaiting" ? sentAt : undefined,
        synced: acked !== undefined && acked === latest,
      };
    }
  }

  /** When the oldest push that is not answered yet was sent, wall clock milliseconds; `undefined` when none waits. */
  oldestUnanswered(): number | undefined {
    let oldest: number | undefined;
    for (const { state, sentAt } of this.#watches.values()) {
      if (state.phase === "awaiting" && (oldest === undefined || sentAt < oldest)) oldest = sentAt;
    }
    return oldest;
  }

  #open(collection: Collection, state: Subscription): void {
    this.#deps.hub.watch(collection, this.#onChange);
    const due = this.#deps.hub.latest(collection) !== undefined;
    this.#watches.set(collection, { state, due, sent: undefined, sentAt: 0, acked: undefined, nacked: undefined });
  }

  #record(
    watch: Watch,
    verdict: Verdict,
    error: { readonly code: number; readonly message: string } | undefined,
  ): void {
    if (watch.state.phase !== "awaiting") return;
    const version = watch.state.sent.version;
    if (verdict === "acked") {
      watch.acked = version;
      watch.nacked = undefined;
    } else if (verdict === "nacked") {
      watch.nacked = { version, code: error?.code ?? 0, message: error?.message ?? "", at: this.#deps.clock.wall() };
    }
  }

  #changed(collection: Collection): void {
    const watch = this.#watches.get(collection)!;
    if (watch.due) this.#deps.observer.superseded(collection);
    watch.due = true;
    this.#wake(collection);
  }

  #wake(collection: Collection): void {
    if (this.#closed) return;
    this.#dirty.add(collection);
    this.#queue();
  }

  #queue(): void {
    if (this.#queued || this.#writing || this.#closed) return;
    this.#queued = true;
    this.#deps.turns.add(() => {
      this.#queued = false;
      this.#write();
    });
  }

  /** Sends the first thing that is due, then comes back for the next when the transport has taken it. */
  #write(): void {
    let heldBack: Collection | undefined;
    for (const collection of this.#dirty) {
      if (collection === heldBack) return;
      this.#dirty.delete(collection);
      const watch = this.#watches.get(collection)!;
      const next = nextPush(watch.state, this.#deps.hub.latest(collection), `${this.#nonce + 1}` as Nonce);
      if (next === undefined) continue;
      const [state, push] = next;
      const pieces = this.#deps.encode(collection, push);
      const bytes = byteLength(pieces);
      const pass = this.#deps.pacer.ask(bytes, this.#again);
      if (pass === undefined) {
        // What was decided is dropped, not kept: when there is room it is decided anew, from what is newest then. Until then
        // it stands behind what is due besides, which may be small enough to go first.
        this.#dirty.add(collection);
        heldBack ??= collection;
        continue;
      }
      this.#nonce++;
      watch.state = state;
      watch.due = false;
      watch.sent = push.table.version;
      watch.sentAt = this.#deps.clock.wall();
      this.#transmit(collection, push.kind, pieces, bytes, pass);
      return;
    }
  }

  #transmit(
    collection: Collection,
    kind: Push["kind"],
    pieces: readonly Uint8Array[],
    bytes: number,
    pass: Pass,
  ): void {
    const { observer } = this.#deps;
    this.#writing = true;
    void this.#send(pieces, { collection, bytes }).then((taken) => {
      this.#writing = false;
      pass.giveBack();
      if (!taken) {
        observer.sendFailed(collection);
        return;
      }
      observer.pushed(collection, kind, bytes);
      if (this.#dirty.size > 0 && !this.#closed) this.#queue();
    });
  }
}

function byteLength(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
