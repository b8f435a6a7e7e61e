import type { Brand } from "../lib/brand.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { CollectionVersion, ResourceName } from "../model/names.ts";
import { Claim } from "../snapshot/claim.ts";
import { type Delta, deltaTo, type Held } from "../snapshot/delta.ts";
import { Table } from "../snapshot/table.ts";
import { speakOf, union } from "./doubt.ts";
import {
  change,
  type Changed,
  type Interest,
  type InterestChange,
  noNames,
  select,
  unheld,
  wanted,
  within,
  without,
} from "./interest.ts";

/** Names one push on one stream; unique on the stream only. */
export type Nonce = Brand<string, "Nonce">;

/**
 * One (stream, feed) as the source sees it, in any protocol. Pure values: no I/O, no clock. docs/spec/subscription.md holds
 * the table and the invariants (I1…) that the comments name.
 */
export type Subscription = Dormant | Ready | Awaiting;

/** The sink has not asked. */
export interface Dormant {
  readonly phase: "dormant";
}

/** The sink has asked and owes no answer. */
export interface Ready extends Known {
  readonly phase: "ready";
  /** The version last answered, ACKed or NACKed: it is not sent again (I5). `undefined`: anything there is gets sent. */
  readonly seen: CollectionVersion | undefined;
  /** The push that was answered last. */
  readonly answered: Nonce | undefined;
}

/** A push is under way; nothing else is sent until its answer (I2). */
export interface Awaiting extends Known {
  readonly phase: "awaiting";
  readonly nonce: Nonce;
  /** What the sink has when it ACKs, as far as it wants it. */
  readonly sent: Table;
  /** What was doubted, and wanted, when the push was made: it speaks of them, and an ACK settles them. */
  readonly spokenOf: ReadonlySet<ResourceName>;
  /** Whether the sink asked for something since that it must be told of even if nothing changes. */
  readonly asked: boolean;
}

interface Known {
  readonly interest: Interest;
  /** What the sink is known to hold: what it last ACKed, or said it kept. `undefined`: nothing is known, so deltas can't be made. */
  readonly held: Held | undefined;
  /** Names of which it is not known what the sink holds, whatever `held` says: the next delta speaks of them (I17). */
  readonly doubted: ReadonlySet<ResourceName>;
  /** Whether the latest valid request asked for deltas. */
  readonly incremental: boolean;
}

/** What a sink says, freed of its protocol's wording. */
export type Request = Subscribe | Adjust | Answer;

/** Starts over. */
export interface Subscribe {
  readonly kind: "subscribe";
  readonly interest: Interest;
  readonly incremental: boolean;
  /** What the sink says it kept from an earlier stream, or is taken to have; `undefined`: it is sent everything. */
  readonly held: Held | undefined;
}

/** Wants other resources than before, and says nothing else. */
interface Adjust {
  readonly kind: "adjust";
  readonly change: InterestChange;
}

interface Answer {
  readonly kind: "ack" | "nack";
  readonly nonce: Nonce;
  readonly incremental: boolean;
  /** Of a NACK: whether the sink may have taken in what was right in the push. */
  readonly partly?: boolean;
  readonly change?: InterestChange;
}

/** What became of a request: return value, log field and metric label. */
export type Verdict = "subscribed" | "resubscribed" | "adjusted" | "acked" | "nacked" | "stale";

/** What to send: everything, or what changed since what the sink holds. */
export type Push =
  | { readonly kind: "full"; readonly nonce: Nonce; readonly table: Table }
  | { readonly kind: "delta"; readonly nonce: Nonce; readonly table: Table; readonly delta: Delta };

export const dormant: Dormant = { phase: "dormant" };

/** The same request, of whose claims no more is remembered than what differs from the newest content. */
export function remembered(request: Subscribe, latest: Table | undefined): Subscribe {
  const { interest, held, incremental } = request;
  if (held === undefined || held instanceof Table) return request;
  if (!incremental) return { ...request, held: undefined };
  const claim = within(interest, held instanceof Claim ? held : Claim.of(held));
  return { ...request, held: latest === undefined ? claim : against(claim, select(interest, latest)) };
}

function against(held: Held | undefined, content: Table): Held | undefined {
  return held instanceof Claim ? held.against(content) : held;
}

/** What is remembered of what the sink of a subscription said it kept, bytes. */
export function claimedBytes(state: Subscription): number {
  return state.phase !== "dormant" && state.held instanceof Claim ? state.held.bytes : 0;
}

/** Takes in a request. A request without effect returns the same state, by reference. */
export function onRequest(state: Subscription, request: Request): readonly [Subscription, Verdict] {
  switch (state.phase) {
    case "dormant":
      return request.kind === "subscribe" ? [subscribe(request), "subscribed"] : [state, "stale"];
    case "ready":
      return onRequestWhenReady(state, request);
    case "awaiting":
      return onRequestWhenAwaiting(state, request);
    default:
      return unreachable(state);
  }
}

/** The sink has owed an answer for too long: as if it had refused the push, and might have taken some of it. */
export function giveUp(state: Awaiting): Ready {
  return answered(state, { kind: "nack", nonce: state.nonce, incremental: state.incremental, partly: true });
}

/** Decides what to send now from the newest content; `undefined` when there is nothing to send or it may not be sent yet. */
export function nextPush(
  state: Subscription,
  latest: Table | undefined,
  nonce: Nonce,
): readonly [Awaiting, Push] | undefined {
  if (state.phase !== "ready" || latest === undefined) return undefined;
  if (state === last?.state && latest === last.latest && nonce === last.nonce) return last.next;
  const next = decide(state, latest, nonce);
  if (next !== undefined) last = { state, latest, nonce, next };
  return next;
}

/** The last push that was decided: all who were in that very state are sent the same, and share the state that it leads to. */
let last:
  | { readonly state: Ready; readonly latest: Table; readonly nonce: Nonce; readonly next: readonly [Awaiting, Push] }
  | undefined;

function decide(state: Ready, latest: Table, nonce: Nonce): readonly [Awaiting, Push] | undefined {
  const { interest, incremental, doubted } = state;
  const table = select(interest, latest);
  if (table.version === state.seen) return undefined;
  // What was said while there was nothing to compare it with.
  const held = against(state.held, table);
  const spokenOf = wanted(interest, doubted);
  const awaiting: Awaiting = {
    phase: "awaiting",
    nonce,
    sent: table,
    spokenOf,
    asked: false,
    interest,
    held,
    // (I19) Of what is not wanted now nothing is said, and the sink may want it again before it has this push.
    doubted: spokenOf === doubted ? noNames : without(doubted, spokenOf),
    incremental,
  };
  if (!incremental || held === undefined) return [awaiting, { kind: "full", nonce, table }];
  const delta = speakOf(spokenOf, deltaTo(held, table), table);
  return [awaiting, { kind: "delta", nonce, table, delta }];
}

function subscribe({ interest, incremental, held }: Subscribe): Ready {
  return {
    phase: "ready",
    seen: undefined,
    answered: undefined,
    interest,
    held: incremental ? within(interest, held) : undefined,
    // (I17) Names that it did not say it holds must be answered, if only with their absence.
    doubted: incremental ? unheld(interest.names, held) : noNames,
    incremental,
  };
}

function onRequestWhenReady(state: Ready, request: Request): readonly [Subscription, Verdict] {
  switch (request.kind) {
    case "subscribe":
      return [subscribe(request), "resubscribed"];
    case "adjust":
      return [adjust(state, request.change), "adjusted"];
    case "ack":
    case "nack":
      break;
    default:
      return unreachable(request);
  }
  // Whoever wants other resources says so under the last nonce, which was answered already.
  const { change, nonce } = request;
  if (change === undefined || (change.kind === "set" && nonce !== state.answered)) return [state, "stale"];
  const adjusted = adjust(state, change);
  return adjusted === state ? [state, "stale"] : [adjusted, "adjusted"];
}

function onRequestWhenAwaiting(state: Awaiting, request: Request): readonly [Subscription, Verdict] {
  switch (request.kind) {
    case "subscribe": {
      // (I4) Asking again is not an answer: the push under way stays valid, and only what is wanted is taken over.
      const same = request.incremental === state.incremental;
      const next = same ? state : { ...state, incremental: request.incremental };
      return [adjustLater(next, { kind: "set", interest: request.interest }), "resubscribed"];
    }
    case "adjust":
      return [adjustLater(state, request.change), "adjusted"];
    case "ack":
    case "nack":
      break;
    default:
      return unreachable(request);
  }
  if (request.nonce !== state.nonce) {
    // A set of names that comes with an old nonce is out of date, but of additions and removals none may be lost.
    const next = request.change?.kind === "edit" ? adjustLater(state, request.change) : state;
    return next === state ? [state, "stale"] : [next, "adjusted"];
  }
  const ready = answered(state, request);
  return [
    request.change === undefined ? ready : adjust(ready, request.change),
    request.kind === "ack" ? "acked" : "nacked",
  ];
}

/** (I6) Only an ACK moves what the sink is known to hold; after a NACK the rejected changes come again with the next version. */
function answered(state: Awaiting, { kind, incremental, partly }: Answer): Ready {
  const { interest, sent, nonce, doubted } = state;
  const part = select(interest, sent);
  const isAck = kind === "ack";
  const seen = state.asked ? undefined : part.version;
  const isShared = isAck && interest.all;
  const known = isShared ? atRest.get(part) : undefined;
  if (
    known?.answered === nonce &&
    known.interest === interest &&
    known.seen === seen &&
    known.doubted === doubted &&
    known.incremental === incremental
  )
    return known;
  // Spelt out: V8 gives each object that is made of another one and new properties a hidden class of its own, which costs
  // 260 bytes and more time than all the rest.
  const ready: Ready = {
    phase: "ready",
    seen,
    answered: nonce,
    interest,
    held: isAck ? part : within(interest, state.held),
    doubted: isAck ? doubted : union(doubted, state.spokenOf, partly === true ? touched(state) : noNames),
    incremental,
  };
  if (isShared) atRest.set(part, ready);
  return ready;
}

/**
 * The state in which the last ACK of a content left a stream. Almost all streams of a server count alike and rest in equal
 * states, which are one object, so that a subscription at rest takes no state of its own.
 */
const atRest = new WeakMap<Table, Ready>();

/** The names that a push which was refused in part may have changed at the sink. */
function touched({ held, sent }: Awaiting): ReadonlySet<ResourceName> {
  if (held === undefined) return noNames;
  const { upserts, removed } = deltaTo(held, sent);
  return new Set([...upserts.map((resource) => resource.name), ...removed]);
}

function adjust(state: Ready, how: InterestChange): Ready {
  const changed = change(state.interest, how);
  if (changed === undefined) return state;
  const { interest, wantsMore } = changed;
  const held = within(interest, state.held);
  return {
    ...state,
    interest,
    held,
    doubted: stillDoubted(state, changed),
    seen: wantsMore ? undefined : seenOf(state, held),
  };
}

/** Wanting less is no reason to be sent anything: what was answered counts as if the rest alone had been sent. */
function seenOf({ seen, held: before }: Ready, held: Held | undefined): CollectionVersion | undefined {
  return before instanceof Table && held instanceof Table && before.version === seen ? held.version : seen;
}

function adjustLater(state: Awaiting, how: InterestChange): Awaiting {
  const changed = change(state.interest, how);
  if (changed === undefined) return state;
  const { interest, wantsMore } = changed;
  return {
    ...state,
    interest,
    held: within(interest, state.held),
    sent: stillToCome(state, interest),
    doubted: stillDoubted(state, changed),
    asked: state.asked || wantsMore,
  };
}

/** (I19) What an ACK will vouch for: what the sink lets go of it only has again, should it want it again, if the push carries it. */
function stillToCome({ held, sent, spokenOf, incremental }: Awaiting, interest: Interest): Table {
  if (interest.all || !incremental || held === undefined) return sent;
  const carried = deltaTo(held, sent).upserts.map((resource) => resource.name);
  return select({ all: false, names: union(interest.names, spokenOf, new Set(carried)) }, sent);
}

function stillDoubted({ doubted, incremental }: Known, { asked }: Changed): ReadonlySet<ResourceName> {
  return incremental ? union(doubted, asked) : noNames;
}
