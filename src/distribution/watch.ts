import type { Clock } from "../lib/clock.ts";
import type { Collection, CollectionVersion } from "../model/names.ts";
import type { Feed } from "../snapshot/feed.ts";
import { Table } from "../snapshot/table.ts";
import { select } from "./interest.ts";
import type { Awaiting, Subscription, Verdict } from "./subscription.ts";

/** What a session knows of one subscription: a value, which is replaced, so that those that are equal can be one. */
export interface Watch {
  readonly state: Subscription;
  /** Whether there is a version that the sink has not been sent, as far as changes tell. */
  readonly due: boolean;
  readonly sent: CollectionVersion | undefined;
  /** When the push that is not answered yet was sent, as `Clock.now` told; 0 when there is none. */
  readonly sentAt: number;
  readonly acked: CollectionVersion | undefined;
  readonly nacked: Rejection | undefined;
}

/** Why a sink refuses a push, in its own words. */
export interface Complaint {
  /** gRPC code. */
  readonly code: number;
  readonly message: string;
}

/** A version that a sink refused, and why. */
interface Rejection extends Complaint {
  readonly version: CollectionVersion;
  readonly at: number;
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

/** The sink has said its first word of a feed. */
export function begun(state: Subscription, due: boolean): Watch {
  return { state, due, sent: undefined, sentAt: 0, acked: undefined, nacked: undefined };
}

/** The sink has said something more, which led to this state. */
export function judged(
  watch: Watch,
  state: Subscription,
  verdict: Verdict,
  complaint: Complaint | undefined,
  clock: Clock,
): Watch {
  let { acked, nacked } = watch;
  if (verdict === "acked") nacked = undefined;
  else if (verdict === "nacked" && watch.sent !== undefined) {
    const at = clock.wall();
    nacked = { version: watch.sent, code: complaint?.code ?? 0, message: complaint?.message ?? "", at };
  }
  // Who wants less than it acknowledged has acknowledged the rest.
  const hasAcked = verdict === "acked" || acked !== undefined;
  if (hasAcked && state.phase !== "dormant" && state.held instanceof Table) acked = state.held.version;
  return shared({ ...watch, state, sentAt: state.phase === "awaiting" ? watch.sentAt : 0, acked, nacked });
}

/** The newest is being sent, at this time, as `Clock.now` tells. */
export function sent(watch: Watch, state: Awaiting, version: CollectionVersion, sentAt: number): Watch {
  return { ...watch, state, due: false, sent: version, sentAt };
}

/** What the sink holds, for people; `undefined` of a feed that it has not asked for. */
export function holdingOf({ collection, topic, latest }: Feed, watch: Watch, clock: Clock): Holding | undefined {
  const { state, sentAt, acked, nacked } = watch;
  if (state.phase === "dormant") return undefined;
  return {
    collection,
    topic,
    names: state.interest.all ? undefined : state.interest.names.size,
    sent: watch.sent,
    acked,
    nacked,
    incremental: state.incremental,
    awaitingSince: state.phase === "awaiting" ? clock.wall() - (clock.now() - sentAt) : undefined,
    synced: acked !== undefined && latest !== undefined && acked === select(state.interest, latest).version,
  };
}

/** The watch that rested last in each state: streams that share a state share it. */
const atRest = new WeakMap<Subscription, Watch>();

/** An equal watch that other streams have, where it is at rest; otherwise, or where it is the first, the watch itself. */
function shared(watch: Watch): Watch {
  const { state, due, nacked, acked } = watch;
  if (state.phase !== "ready" || !state.interest.all || due || nacked !== undefined) return watch;
  const known = atRest.get(state);
  if (known !== undefined && known.sent === watch.sent && known.acked === acked) return known;
  atRest.set(state, watch);
  return watch;
}
