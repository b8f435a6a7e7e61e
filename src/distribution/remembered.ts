import type { ResourceName } from "../model/names.ts";
import { Claim } from "../snapshot/claim.ts";
import type { Held } from "../snapshot/delta.ts";
import type { Feed } from "../snapshot/feed.ts";
import { Table } from "../snapshot/table.ts";
import { select, within } from "./interest.ts";
import type { Known, Subscribe } from "./subscription.ts";
import type { Watch } from "./watch.ts";

/** The same request, of whose claims no more is remembered than what differs from the newest content. */
export function remembered(request: Subscribe, latest: Table | undefined): Subscribe {
  const { interest, held, incremental } = request;
  if (held === undefined || held instanceof Table) return request;
  if (!incremental) return { ...request, held: undefined };
  const claim = within(interest, held instanceof Claim ? held : Claim.of(held));
  return { ...request, held: latest === undefined ? claim : against(claim, select(interest, latest)) };
}

/** What differs from a content of what the sink said it kept; the very same when it said nothing that is left to compare. */
export function against(held: Held | undefined, content: Table): Held | undefined {
  return held instanceof Claim ? held.against(content) : held;
}

/** What an entry of a set takes beside its text, about, bytes. */
const ENTRY_BYTES = 64;

/** What the entry of a content takes in a part of it that was made for one sink, bytes. */
const PLACE_BYTES = 16;

/** What a sink has us remember by what it asked for and how it answered, about, bytes; see `PeerMemory`. */
export function rememberedBytes(feed: Feed, { state, nacked }: Watch): number {
  if (state.phase === "dormant") return 0;
  const { interest, doubted } = state;
  let bytes = feed.ownBytes + askedBytes(state);
  if (nacked !== undefined) bytes += nacked.message.length;
  if (doubted !== interest.names) bytes += namesBytes(doubted);
  if (state.phase === "ready") return bytes;
  const { spokenOf, sent } = state;
  if (spokenOf !== doubted && spokenOf !== interest.names) bytes += namesBytes(spokenOf);
  return interest.all ? bytes : bytes + sent.size * PLACE_BYTES;
}

/** What the names that a sink asks for take, and what it says it kept, about, bytes. */
export function askedBytes({ interest, held }: Pick<Known, "interest" | "held">): number {
  return namesBytes(interest.names) + (held instanceof Claim ? held.bytes : 0);
}

/** Sets of names are never changed, so that each has to be counted only once. */
const counted = new WeakMap<ReadonlySet<ResourceName>, number>();

function namesBytes(names: ReadonlySet<ResourceName>): number {
  if (names.size === 0) return 0;
  let bytes = counted.get(names);
  if (bytes === undefined) {
    bytes = names.size * ENTRY_BYTES;
    for (const name of names) bytes += name.length;
    counted.set(names, bytes);
  }
  return bytes;
}
