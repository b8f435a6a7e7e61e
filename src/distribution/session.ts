import type { Clock } from "../lib/clock.ts";
import type { Feed } from "../snapshot/feed.ts";
import { giveUp } from "./answer.ts";
import { nextPush } from "./next-push.ts";
import { onRequest } from "./on-request.ts";
import { type Excess, type PeerMemory, StreamMemory } from "./peer-memory.ts";
import { rememberedBytes } from "./remembered.ts";
import {
  type Awaiting,
  dormant,
  type Nonce,
  type Push,
  type Request,
  type Subscription,
  type Verdict,
} from "./subscription.ts";
import { begun, type Complaint, type Holding, holdingOf, judged, sent, type Watch } from "./watch.ts";
import { type Author, type Outlet, Writer, type WriterDeps } from "./writer.ts";

/** What a session is made of. All streams of a server share one of these. */
export interface SessionDeps extends WriterDeps {
  readonly clock: Clock;
  /** What sinks may have us remember; no bound without. */
  readonly memory?: PeerMemory;
}

/**
 * One stream: its subscriptions, and what is due to the sink. Requests are judged as they come; what follows from them, and
 * from what is published, is left to a writer, which asks what to send when it can be sent.
 */
export class Session implements Author {
  /** What the sink has us remember. */
  readonly memory: StreamMemory;
  readonly #deps: SessionDeps;
  readonly #writer: Writer;
  readonly #watches = new Map<Feed, Watch>();
  readonly #onChange = (feed: Feed): void => this.#changed(feed);

  constructor(deps: SessionDeps, outlet: Outlet) {
    this.memory = new StreamMemory(deps.memory);
    this.#deps = deps;
    this.#writer = new Writer(deps, outlet, this);
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

  /** Takes in a request, or tells which limit is in the way of remembering what it says. A complaint accompanies a NACK. */
  handle(feed: Feed, request: Request, complaint?: Complaint): Verdict | Excess {
    const watch = this.#watches.get(feed);
    const [state, verdict] = onRequest(watch?.state ?? dormant, request);
    const { clock, observer } = this.#deps;
    if (verdict !== "stale") {
      const next =
        watch === undefined ? begun(state, feed.latest !== undefined) : judged(watch, state, verdict, complaint, clock);
      const growth = this.#growth(feed, next, watch);
      const excess = this.memory.excess(growth);
      if (excess !== undefined) return excess;
      if (watch === undefined) feed.watch(this.#onChange);
      this.#set(feed, next, growth);
      // Most ACKs leave nothing to do: that costs no turn.
      if (watch === undefined || watch.due || !hasAllOf(state, watch.state)) this.#writer.wake(feed);
    }
    observer.judged(feed.collection, verdict, complaint?.code);
    return verdict;
  }

  draft(feed: Feed, nonce: Nonce): readonly [Awaiting, Push] | undefined {
    return nextPush(this.state(feed), feed.latest, nonce);
  }

  sends(feed: Feed, state: Awaiting, { table }: Push): void {
    const watch = this.#watches.get(feed)!;
    const next = sent(watch, state, table.version, this.#deps.clock.now());
    this.#set(feed, next, this.#growth(feed, next, watch));
  }

  /** Stops waiting for answers to pushes sent before this time (`Clock.now`), where there is something newer to send. */
  giveUpUnanswered(before: number): void {
    for (const [feed, watch] of this.#watches) {
      if (watch.state.phase !== "awaiting" || !watch.due || watch.sentAt >= before) continue;
      const next = { ...watch, state: giveUp(watch.state), sentAt: 0 };
      const growth = this.#growth(feed, next, watch);
      // Where there is no room to remember what the sink may have taken in, it is waited for.
      if (this.memory.excess(growth) !== undefined) continue;
      this.#set(feed, next, growth);
      this.#writer.wake(feed);
    }
  }

  /** Calls `quiet`, at once or later, when nothing is left to be sent unless the sink says something. The last call counts. */
  whenQuiet(quiet: () => void): void {
    this.#writer.whenQuiet(quiet);
  }

  /** Ends the session: nothing is sent any more, and the hub forgets it. */
  close(): void {
    if (this.#writer.isClosed) return;
    this.#writer.close();
    for (const feed of this.#watches.keys()) feed.unwatch(this.#onChange);
    this.memory.close();
    this.#deps.observer.streamClosed();
  }

  /** What the sink holds, collection by collection; derived when asked, stored nowhere. */
  *holdings(): IterableIterator<Holding> {
    for (const [feed, watch] of this.#watches) {
      const holding = holdingOf(feed, watch, this.#deps.clock);
      if (holding !== undefined) yield holding;
    }
  }

  /** When the oldest push that is not answered yet was sent, as `Clock.now` told; `undefined` when none waits. */
  oldestUnanswered(): number | undefined {
    let oldest: number | undefined;
    for (const { state, sentAt } of this.#watches.values()) {
      if (state.phase === "awaiting" && (oldest === undefined || sentAt < oldest)) oldest = sentAt;
    }
    return oldest;
  }

  #changed(feed: Feed): void {
    const watch = this.#watches.get(feed)!;
    if (watch.due) this.#deps.observer.superseded(feed.collection);
    else this.#watches.set(feed, { ...watch, due: true });
    this.#writer.wake(feed);
  }

  /** How much more has to be remembered, bytes. */
  #growth(feed: Feed, next: Watch, before: Watch | undefined): number {
    return rememberedBytes(feed, next) - (before === undefined ? 0 : rememberedBytes(feed, before));
  }

  #set(feed: Feed, watch: Watch, growth: number): void {
    this.memory.add(growth);
    this.#watches.set(feed, watch);
  }
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
