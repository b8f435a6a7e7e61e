import type { Brand } from "../lib/brand.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { CollectionVersion, ResourceName, ResourceVersion } from "../model/names.ts";
import { type Delta, deltaTo, type Held } from "../snapshot/delta.ts";
import type { Table } from "../snapshot/table.ts";

/** Names one push on one stream; unique on the stream only. */
export type Nonce = Brand<string, "Nonce">;

/**
 * One (stream, collection) as the source sees it. Pure values: no I/O, no clock. docs/spec/mcp-source.md holds the table
 * and the invariants (I1…) that the comments name.
 */
export type Subscription = Dormant | Ready | Awaiting;

/** The sink has not asked. */
export interface Dormant {
  readonly phase: "dormant";
}

/** The sink has asked and owes no answer. */
interface Ready extends Known {
  readonly phase: "ready";
  /** The version last answered, ACKed or NACKed: it is not sent again (I5). `undefined`: anything there is gets sent. */
  readonly seen: CollectionVersion | undefined;
}

/** A push is under way; nothing else is sent until its answer (I2). */
export interface Awaiting extends Known {
  readonly phase: "awaiting";
  readonly nonce: Nonce;
  readonly sent: Table;
}

interface Known {
  /** What the sink is known to hold: what it last ACKed, or said it kept. `undefined`: nothing is known, so deltas can't be made. */
  readonly held: Held | undefined;
  /** Whether the latest valid request asked for deltas. */
  readonly incremental: boolean;
}

/** What a sink says, freed of its protocol's wording. */
export type Request =
  | {
      readonly kind: "subscribe";
      readonly incremental: boolean;
      /** Versions kept from an earlier stream; empty when none. */
      readonly kept: ReadonlyMap<ResourceName, ResourceVersion>;
    }
  | { readonly kind: "ack"; readonly nonce: Nonce; readonly incremental: boolean }
  | { readonly kind: "nack"; readonly nonce: Nonce; readonly incremental: boolean };

/** What became of a request: return value, log field and metric label. */
export type Verdict = "subscribed" | "resubscribed" | "acked" | "nacked" | "stale";

/** What to send: everything, or what changed since what the sink holds. */
export type Push =
  | { readonly kind: "full"; readonly nonce: Nonce; readonly table: Table }
  | { readonly kind: "delta"; readonly nonce: Nonce; readonly table: Table; readonly delta: Delta };

export const dormant: Dormant = { phase: "dormant" };

/** Takes in a request. A request without effect returns the same state, by reference. */
export function onRequest(state: Subscription, request: Request): readonly [Subscription, Verdict] {
  switch (state.phase) {
    case "dormant":
      return request.kind === "subscribe" ? [subscribe(request), "subscribed"] : [state, "stale"];
    case "ready":
      return request.kind === "subscribe" ? [subscribe(request), "resubscribed"] : [state, "stale"];
    case "awaiting":
      return answer(state, request);
    default:
      return unreachable(state);
  }
}

/** Decides what to send now from the newest content; `undefined` when there is nothing to send or it may not be sent yet. */
export function nextPush(
  state: Subscription,
  latest: Table | undefined,
  nonce: Nonce,
): readonly [Awaiting, Push] | undefined {
  if (state.phase !== "ready" || latest === undefined || latest.version === state.seen) return undefined;
  const { held, incremental } = state;
  const push: Push =
    incremental && held !== undefined
      ? { kind: "delta", nonce, table: latest, delta: deltaTo(held, latest) }
      : { kind: "full", nonce, table: latest };
  return [{ phase: "awaiting", nonce, sent: latest, held, incremental }, push];
}

/** (I7) A resume is trusted only as a whole: without kept versions the first push is full, so that nothing stale survives. */
function subscribe(request: Request & { kind: "subscribe" }): Ready {
  const resumes = request.incremental && request.kept.size > 0;
  return {
    phase: "ready",
    seen: undefined,
    held: resumes ? request.kept : undefined,
    incremental: request.incremental,
  };
}

function answer(state: Awaiting, request: Request): readonly [Subscription, Verdict] {
  // (I4) Asking again is not an answer: the push under way stays valid, and only the wish for deltas is taken over.
  if (request.kind === "subscribe") {
    const same = request.incremental === state.incremental;
    return [same ? state : { ...state, incremental: request.incremental }, "resubscribed"];
  }
  if (request.nonce !== state.nonce) return [state, "stale"];
  const { incremental } = request;
  const seen = state.sent.version;
  // (I6) Only an ACK moves what the sink is known to hold; after a NACK the rejected changes come again with the next version.
  return request.kind === "ack"
    ? [{ phase: "ready", seen, held: state.sent, incremental }, "acked"]
    : [{ phase: "ready", seen, held: state.held, incremental }, "nacked"];
}
