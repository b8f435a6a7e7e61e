import { deltaTo } from "../snapshot/delta.ts";
import type { Table } from "../snapshot/table.ts";
import { speakOf } from "./doubt.ts";
import { noNames, select, wanted, without } from "./interest.ts";
import { against } from "./remembered.ts";
import type { Awaiting, Nonce, Push, Ready, Subscription } from "./subscription.ts";

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
