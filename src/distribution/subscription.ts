import type { Brand } from "../lib/brand.ts";
import type { CollectionVersion, ResourceName } from "../model/names.ts";
import type { Delta, Held } from "../snapshot/delta.ts";
import type { Table } from "../snapshot/table.ts";
import type { Interest, InterestChange } from "./interest.ts";

/** Names one push on one stream; unique on the stream only. */
export type Nonce = Brand<string, "Nonce">;

/**
 * One (stream, feed) as the source sees it, in any protocol. Pure values: no I/O, no clock. Requests move it
 * (`on-request.ts`), and so does being sent something (`next-push.ts`). docs/spec/subscription.md holds the table and the
 * invariants (I1…) that the comments name.
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

/** What is known of a sink that has asked, whether or not it owes an answer. */
export interface Known {
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

/** Takes or refuses the push of that nonce. */
export interface Answer {
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

/** Where every subscription begins. */
export const dormant: Dormant = { phase: "dormant" };
