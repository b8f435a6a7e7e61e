import type { Excess } from "../distribution/peer-memory.ts";
import { remembered } from "../distribution/remembered.ts";
import type { Subscribe, Subscription } from "../distribution/subscription.ts";
import { type Status, status } from "../grpc/status.ts";
import { Claim } from "../snapshot/claim.ts";
import type { Table } from "../snapshot/table.ts";

/** How a stream ends that would have us remember too much. */
export const tooMuchRemembered: Readonly<Record<Excess, Status>> = {
  "of the stream": status(
    "ResourceExhausted",
    "this stream has us remember too much: ask for everything instead of naming so many resources, and subscribe without the " +
      "versions that were kept",
  ),
  "of all streams": status(
    "Unavailable",
    "too much of what sinks name is remembered already: come back later, or ask for everything instead of naming resources, " +
      "and subscribe without the versions that were kept",
  ),
};

/** What a subscribe that waits may claim, bytes; one that claims more is sent everything. */
const MAX_WAITING_BYTES = 64 * 1024;

/**
 * What is kept of a subscribe that has to wait: nothing large of what it claims.
 * @param state what the sink is subscribed to meanwhile
 */
export function worthWaiting(request: Subscribe, state: Subscription, latest: Table | undefined): Subscribe {
  // (I7) Answers overtake a subscribe that waits: what it says the sink keeps may be out of date, and counts for nothing.
  if (state.phase !== "dormant") return startOver(request);
  const taken = remembered(request, latest);
  return taken.held instanceof Claim && taken.held.bytes > MAX_WAITING_BYTES ? startOver(request) : taken;
}

function startOver(request: Subscribe): Subscribe {
  return { ...request, held: undefined };
}
