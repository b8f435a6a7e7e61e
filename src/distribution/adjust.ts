import type { CollectionVersion, ResourceName } from "../model/names.ts";
import { deltaTo, type Held } from "../snapshot/delta.ts";
import { Table } from "../snapshot/table.ts";
import { union } from "./doubt.ts";
import { change, type Changed, type Interest, type InterestChange, noNames, select, within } from "./interest.ts";
import type { Awaiting, Known, Ready } from "./subscription.ts";

/** The sink wants other resources than before, and owes no answer. The same state, by reference, when it is no change. */
export function adjust(state: Ready, how: InterestChange): Ready {
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

/** The sink wants other resources than before while a push is under way: it is told of them after its answer. */
export function adjustLater(state: Awaiting, how: InterestChange): Awaiting {
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
