import type { ResourceName } from "../model/names.ts";
import { deltaTo } from "../snapshot/delta.ts";
import type { Table } from "../snapshot/table.ts";
import { union } from "./doubt.ts";
import { noNames, select, within } from "./interest.ts";
import type { Answer, Awaiting, Ready } from "./subscription.ts";

/** (I6) Only an ACK moves what the sink is known to hold; after a NACK the rejected changes come again with the next version. */
export function answered(state: Awaiting, { kind, incremental, partly }: Answer): Ready {
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

/** The sink has owed an answer for too long: as if it had refused the push, and might have taken some of it. */
export function giveUp(state: Awaiting): Ready {
  return answered(state, { kind: "nack", nonce: state.nonce, incremental: state.incremental, partly: true });
}
