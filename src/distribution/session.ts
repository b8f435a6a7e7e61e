import type { Clock } from "../lib/clock.ts";
import type { Turns } from "../lib/turns.ts";
import type { Collection, CollectionVersion } from "../model/names.ts";
import type { Feed } from "../snapshot/feed.ts";
import { Claim } from "../snapshot/claim.ts";
import { deltaTo } from "../snapshot/delta.ts";
import { Table } from "../snapshot/table.ts";
import type { ClaimBudget, Excess } from "./claim-budget.ts";
import type { DistributionObserver } from "./observer.ts";
import type { Pacer, Pass } from "./pacer.ts";
import { select } from "./interest.ts";
import {
  claimedBytes,
  dormant,
  giveUp,
  nextPush,
  type Nonce,
  onRequest,
  type Push,
  type Request,
  type Subscribe,
  type Subscription,
  type Verdict,
} from "./subscription.ts";

/** How a protocol writes a push: the pieces of one message, shared between sinks wherever they are alike. */
export type Encode = (feed: Feed, push: Push) => readonly Uint8Array[];

/** What a session is made of. All streams of a server share one of these. */
export interface SessionDeps {
  readonly clock: Clock;
  /** Where sessions queue for their turn to send. */
  readonly turns: Turns;
  /** What large pushes ask for leave. */
  readonly pacer: Pacer;
  readonly encode: Encode;
  readonly observer: DistributionObserver;
  /** What sinks may claim to have kept; no bound without. */
  readonly claims?: ClaimBudget;
}

/** Where messages go. */
export interface Outlet {
  /**
   * Takes one message of so many bytes, which speaks of a feed. Resolves to `true` when the transport has taken all of it, to
   * `false` when the stream is gone.
   */
  send(pieces: readonly Uint8Array[], feed: Feed, bytes: number): Promise<boolean>;
}

/** What one sink holds of one feed, for people. Times are wall clock milliseconds. */
export interface Holding {
  readonly collection: Collection;
  /** What the sink calls it: the collection, or a type URL. */
  readonly topic: string;
  /** How many resources it named; `undefined` when it wants all. */
  readonly names: number | undefined;
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

/** What a session knows of one subscription: a value, which is replaced, so that those that are equal can be one. */
interface Watch {
  readonly state: Subscription;
  /** Whether there is a version that the sink has not been sent, as far as changes tell. */
  readonly due: boolean;
  readonly sent: CollectionVersion | undefined;
  /** When the push that is not answered yet was sent; 0 when there is none. */
  readonly sentAt: number;
  readonly acked: CollectionVersion | undefined;
  readonly nacked: Rejection | undefined;
}

/** The watch that rested last in each state: streams that share a state share it. */
const atRest = new WeakMap<Subscription, Watch>();

/** What all streams share that have nothing to send: an empty set of its own took each of them 150 bytes, and more once it was full. */
const clean: readonly Feed[] = [];

/** More than twice any rank. */
const LAST_RANK = 1_000;

/**
 * One stream: its subscriptions, what is dirty, and a writer with one message in flight. Requests are judged as they
 * come; pushes are built from the newest snapshot when the transport can take them, so the memory of a stream does not
 * depend on how fast configuration changes.
 */
export class Session {
  readonly #deps: SessionDeps;
  readonly #outlet: Outlet;
  readonly #watches = new Map<Feed, Watch>();
  /** Feeds that may have something to send, in the order in which they became so. Replaced, and never changed. */
  #dirty: readonly Feed[] = clean;
  readonly #again = (): boolean => this.#queue();
  readonly #onChange = (feed: Feed): void => this.#changed(feed);
  readonly #turn = (): void => {
    this.#queued = false;
    this.#write();
  };
  #nonce = 0;
  /** What is remembered of what the sink said it kept, bytes. */
  #claimed = 0;
  #queued = false;
  #writing = false;
  #quiet: (() => void) | undefined;
  #closed = false;

  constructor(deps: SessionDeps, outlet: Outlet) {
    this.#deps = deps;
    this.#outlet = outlet;
    deps.observer.streamOpened();
  }

  /** How many feeds the sink has asked for. */
  get size(): number {
    return this.#watches.size;
  }

  /** What the request would be judged by, without any effect. */
  state(feed: Feed): Subscription {
    return this.#watches.get(feed)?.state ?? dormant;
  }

  /** Which limit is in the way of remembering what a subscribe claims, as `remembered` gives it; `undefined` when none is. */
  excess(feed: Feed, request: Subscribe): Excess | undefined {
    const { claims } = this.#deps;
    const { held } = request;
    const state = this.state(feed);
    // While an answer is due nothing is taken over of what is claimed.
    if (claims === undefined || !(held instanceof Claim) || state.phase === "awaiting") return undefined;
    return claims.excess(this.#claimed, this.#claimed - claimedBytes(state) + held.bytes);
  }

  /** Takes in a request. `error` accompanies a NACK. */
  handle(feed: Feed, request: Request, error?: { readonly code: number; readonly message: string }): Verdict {
    const watch = this.#watches.get(feed);
    const [state, verdict] = onRequest(watch?.state ?? dormant, request);
    this.#deps.observer.judged(feed.collection, verdict, error?.code);
    if (verdict === "stale") return verdict;
    if (watch === undefined) this.#open(feed, state);
    else this.#set(feed, this.#after(watch, state, verdict, error), watch);
    // Most ACKs leave nothing to do: that costs no turn.
    if (watch === undefined || watch.due || !hasAllOf(state, watch.state)) this.#wake(feed);
    return verdict;
  }

  /** Stops waiting for answers to pushes sent before this wall clock time, where there is something newer to send. */
  giveUpUnanswered(before: number): void {
    for (const [feed, watch] of this.#watches) {
      if (watch.state.phase !== "awaiting" || !watch.due || watch.sentAt >= before) continue;
      this.#watches.set(feed, { ...watch, state: giveUp(watch.state), sentAt: 0 });
      this.#wake(feed);
    }
  }

  /** Calls `quiet`, at once or later, when nothing is left to be sent unless the sink says something. The last call counts. */
  whenQuiet(quiet: () => void): void {
    this.#quiet = quiet;
    this.#settle();
  }

  /** Ends the session: nothing is sent any more, and the hub forgets it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#deps.pacer.forget(this.#again);
    for (const feed of this.#watches.keys()) feed.unwatch(this.#onChange);
    this.#dirty = clean;
    this.#claim(0);
    this.#deps.observer.streamClosed();
  }

  /** What the sink holds, collection by collection; derived when asked, stored nowhere. */
  *holdings(): IterableIterator<Holding> {
    for (const [{ collection, topic, latest }, { state, sent, sentAt, acked, nacked }] of this.#watches) {
      if (state.phase === "dormant") continue;
      yield {
        collection,
        topic,
        names: state.interest.all ? undefined : state.interest.names.size,
        sent,
        acked,
        nacked,
        incremental: state.incremental,
        awaitingSince: state.phase === "awaiting" ? sentAt : undefined,
        synced: acked !== undefined && latest !== undefined && acked === select(state.interest, latest).version,
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

  #open(feed: Feed, state: Subscription): void {
    feed.watch(this.#onChange);
    const due = feed.latest !== undefined;
    this.#set(feed, { state, due, sent: undefined, sentAt: 0, acked: undefined, nacked: undefined }, undefined);
  }

  #set(feed: Feed, watch: Watch, before: Watch | undefined): void {
    const claimed = claimedBytes(watch.state) - claimedBytes(before?.state ?? dormant);
    if (claimed !== 0) this.#claim(this.#claimed + claimed);
    this.#watches.set(feed, watch);
  }

  #claim(bytes: number): void {
    this.#deps.claims?.change(this.#claimed, bytes);
    this.#claimed = bytes;
  }

  #after(
    watch: Watch,
    state: Subscription,
    verdict: Verdict,
    error: { readonly code: number; readonly message: string } | undefined,
  ): Watch {
    let { acked, nacked } = watch;
    if (verdict === "acked") nacked = undefined;
    else if (verdict === "nacked" && watch.sent !== undefined) {
      const at = this.#deps.clock.wall();
      nacked = { version: watch.sent, code: error?.code ?? 0, message: error?.message ?? "", at };
    }
    // Who wants less than it acknowledged has acknowledged the rest.
    const hasAcked = verdict === "acked" || acked !== undefined;
    if (hasAcked && state.phase !== "dormant" && state.held instanceof Table) acked = state.held.version;
    return shared({ ...watch, state, sentAt: state.phase === "awaiting" ? watch.sentAt : 0, acked, nacked });
  }

  #changed(feed: Feed): void {
    const watch = this.#watches.get(feed)!;
    if (watch.due) this.#deps.observer.superseded(feed.collection);
    else this.#watches.set(feed, { ...watch, due: true });
    this.#wake(feed);
  }

  #wake(feed: Feed): void {
    if (this.#closed) return;
    this.#soil(feed);
    this.#queue();
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
    for (const feed of this.#inOrder()) {
      this.#clean(feed);
      const watch = this.#watches.get(feed)!;
      const next = nextPush(watch.state, feed.latest, `${this.#nonce + 1}` as Nonce);
      if (next === undefined) continue;
      const [state, push] = next;
      const pieces = this.#deps.encode(feed, push);
      const bytes = byteLength(pieces);
      const pass = this.#deps.pacer.ask(bytes, this.#again);
      if (pass === undefined) {
        // What was decided is dropped, not kept: when there is room it is decided anew, from what is newest then. Until then
        // it stands behind what is due besides, which may be small enough to go first.
        this.#soil(feed);
        continue;
      }
      this.#nonce++;
      const sentAt = this.#deps.clock.wall();
      this.#set(feed, { ...watch, state, due: false, sent: push.table.version, sentAt }, watch);
      this.#transmit(feed, push.kind, pieces, bytes, pass);
      return;
    }
    if (this.#dirty.length === 0) this.#deps.pacer.forget(this.#again);
    this.#settle();
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

  /** What is dirty, in the order in which it should go out. */
  #inOrder(): readonly Feed[] {
    const feeds = this.#dirty;
    if (feeds.length < 2 || feeds.every((feed) => feed.rank === 0)) return feeds;
    const places = new Map(feeds.map((feed) => [feed, this.#onlyLoses(feed) ? LAST_RANK - feed.rank : feed.rank]));
    return [...feeds].sort((a, b) => places.get(a)! - places.get(b)!);
  }

  /** Whether what is due of a feed takes resources away, and nothing else. */
  #onlyLoses(feed: Feed): boolean {
    const { state } = this.#watches.get(feed)!;
    const { latest } = feed;
    if (state.phase !== "ready" || state.held === undefined || latest === undefined) return false;
    const { upserts, removed } = deltaTo(state.held, select(state.interest, latest));
    return upserts.length === 0 && removed.length > 0;
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
}

/** An equal watch that other streams have, where it is at rest; otherwise, or where it is the first, the watch itself. */
function shared(watch: Watch): Watch {
  const { state, due, nacked, sent, acked } = watch;
  if (state.phase !== "ready" || !state.interest.all || due || nacked !== undefined) return watch;
  const known = atRest.get(state);
  if (known !== undefined && known.sent === sent && known.acked === acked) return known;
  atRest.set(state, watch);
  return watch;
}

/** Whether an answer has left nothing that the sink could want of the content which it was sent last. */
function hasAllOf(state: Subscription, before: Subscription): boolean {
  return (
    state.phase === "ready" &&
    state.seen !== undefined &&
    before.phase === "awaiting" &&
    state.interest === before.interest
  );
}

function byteLength(pieces: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const piece of pieces) bytes += piece.length;
  return bytes;
}
