import { giveUp } from "../../../src/distribution/answer.ts";
import { noNames } from "../../../src/distribution/interest.ts";
import { nextPush } from "../../../src/distribution/next-push.ts";
import { onRequest } from "../../../src/distribution/on-request.ts";
import type { Awaiting, Push, Ready, Request, Subscription } from "../../../src/distribution/subscription.ts";
import type { ResourceName } from "../../../src/model/names.ts";
import type { Machine } from "../machine.ts";

type Names = ReadonlySet<ResourceName>;

/** Machines with one fault each. A property that lets one live is too weak. */
export const mutants: Readonly<Record<string, Partial<Machine>>> = {
  "forgets after a NACK what it is in doubt of": after((state, request) =>
    request.kind === "nack" && state.phase === "ready" ? { ...state, doubted: noNames } : state,
  ),
  "forgets that a NACK may refuse a push in part only": before((_, request) =>
    request.kind === "nack" ? { ...request, partly: false } : request,
  ),
  "takes a push for refused as a whole when it gives up": {
    giveUp: (state) => ({ ...giveUp(state), doubted: state.doubted }),
  },
  "takes a push for ACKed when it gives up": {
    giveUp: (state) =>
      onRequest(state, { kind: "ack", nonce: state.nonce, incremental: state.incremental })[0] as Ready,
  },
  "does not answer a name that the client holds": after((state) =>
    state.phase === "dormant" ? state : { ...state, doubted: namesIn(state.doubted, (name) => !holds(state, name)) },
  ),
  "does not answer a name that does not exist": {
    nextPush: changed((push, state) => ({ removed: push.delta.removed.filter((name) => holds(state, name)) })),
  },
  "does not answer the names of a first request": after((state, request) =>
    request.kind === "subscribe" && state.phase === "ready" ? { ...state, doubted: noNames } : state,
  ),
  "takes what a client unsubscribed from for held": after((state, request, was) =>
    request.kind === "adjust" && state.phase === "ready" && was.phase === "ready"
      ? { ...state, held: was.held }
      : state,
  ),
  "takes what a client let go of for held when it ACKs": after((state, _, was) =>
    state.phase === "awaiting" && was.phase === "awaiting" ? { ...state, sent: was.sent } : state,
  ),
  "forgets that a push under way brings back what was let go of": after((state, _, was) => {
    if (state.phase !== "awaiting" || was.phase !== "awaiting" || state.interest.all || !state.incremental)
      return state;
    const gone = [...state.sent].filter(({ name }) => !state.interest.names.has(name));
    return { ...state, sent: state.sent.with(gone.map(({ name }) => ({ name, resource: undefined }))) };
  }),
  "says that what nobody wants any more is gone": {
    nextPush: changed((push, { interest, held }) => {
      if (interest.all || held === undefined) return {};
      const unwanted = ["ns/n0", "ns/n1", "ns/n2"] as ResourceName[];
      const more = unwanted.filter((name) => !interest.names.has(name));
      return { removed: [...new Set([...push.delta.removed, ...more])].sort() };
    }),
  },
  "speaks of what it was in doubt of, wanted or not": {
    nextPush: (state, latest, nonce) => {
      const next = nextPush(state, latest, nonce);
      if (next === undefined || next[1].kind === "full") return next;
      const { delta, ...push } = next[1];
      const removed = [...new Set([...delta.removed, ...next[0].doubted])].sort();
      return [next[0], { ...push, delta: { ...delta, removed } }];
    },
  },
  "loses edits that come with a stale nonce": before((state, request) =>
    isStale(state, request) && "change" in request && request.change?.kind === "edit"
      ? { kind: "ack", nonce: request.nonce, incremental: true }
      : request,
  ),
  "takes a set that comes with a stale nonce for good": before((state, request) =>
    isStale(state, request) && "change" in request && request.change?.kind === "set"
      ? { kind: "adjust", change: request.change }
      : request,
  ),
  "loses edits that come with a NACK": before((_, request) => {
    if (request.kind !== "nack") return request;
    const { change, ...rest } = request;
    return change?.kind === "edit" ? rest : request;
  }),
  "forgets at an ACK what was asked for meanwhile": before((_, request) => request, {
    state: (state) => (state.phase === "awaiting" ? { ...state, asked: false } : state),
  }),
  "forgets the names that were asked for meanwhile": before((_, request) => request, {
    state: (state) => (state.phase === "awaiting" ? { ...state, doubted: noNames } : state),
  }),
  "sends something because less is wanted": after((state, request, was) =>
    request.kind === "adjust" && state !== was && state.phase === "ready" ? { ...state, seen: undefined } : state,
  ),
  "sends all of a type to who named a part": {
    nextPush: (state, latest, nonce) =>
      nextPush(state.phase === "ready" ? { ...state, interest: { all: true, names: noNames } } : state, latest, nonce),
  },
  "ignores what a client kept": before((_, request) =>
    request.kind === "subscribe" && request.held instanceof Map ? { ...request, held: new Map() } : request,
  ),
  "takes a name that comes and goes in one request for wanted": before((_, request) => {
    if (request.kind !== "adjust" || request.change.kind !== "edit") return request;
    const { add, drop } = request.change;
    const names = namesIn(drop.names, (name) => !add.names.has(name));
    return { ...request, change: { kind: "edit", add, drop: { ...drop, names } } };
  }),
};

/** A machine that makes something else of each state that a request leads to. */
function after(spoil: (state: Subscription, request: Request, was: Subscription) => Subscription): Partial<Machine> {
  return {
    onRequest: (was, request) => {
      const [state, verdict] = onRequest(was, request);
      return [state === was ? state : spoil(state, request, was), verdict];
    },
  };
}

/** A machine that hears something else than what was said, or is in another state than it was left in. */
function before(
  mishear: (state: Subscription, request: Request) => Request,
  { state: spoil = (state: Subscription) => state } = {},
): Partial<Machine> {
  return {
    onRequest: (state, request) => {
      const [next, verdict] = onRequest(spoil(state), mishear(state, request));
      return [verdict === "stale" ? state : next, verdict];
    },
  };
}

type DeltaPush = Extract<Push, { kind: "delta" }>;

/** Pushes with another delta than the one that is due. */
function changed(spoil: (push: DeltaPush, state: Awaiting) => Partial<DeltaPush["delta"]>): Machine["nextPush"] {
  return (state, latest, nonce) => {
    const next = nextPush(state, latest, nonce);
    if (next === undefined || next[1].kind === "full") return next;
    const [awaiting, push] = next;
    return [awaiting, { ...push, delta: { ...push.delta, ...spoil(push, awaiting) } }];
  };
}

function isStale(state: Subscription, request: Request): request is Extract<Request, { kind: "ack" | "nack" }> {
  if (request.kind !== "ack" && request.kind !== "nack") return false;
  return state.phase === "awaiting" ? request.nonce !== state.nonce : true;
}

function holds(state: Subscription, name: ResourceName): boolean {
  return state.phase !== "dormant" && state.held?.get(name) !== undefined;
}

function namesIn(names: Names, isMeant: (name: ResourceName) => boolean): Names {
  return new Set([...names].filter(isMeant));
}
