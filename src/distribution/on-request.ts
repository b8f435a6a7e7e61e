import { unreachable } from "../lib/unreachable.ts";
import { adjust, adjustLater } from "./adjust.ts";
import { answered } from "./answer.ts";
import { noNames, unheld, within } from "./interest.ts";
import type { Awaiting, Ready, Request, Subscribe, Subscription, Verdict } from "./subscription.ts";

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
