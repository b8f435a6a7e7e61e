import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextPush } from "../../src/distribution/next-push.ts";
import { onRequest } from "../../src/distribution/on-request.ts";
import { run, schedule } from "./convergence.ts";
import { type Machine, real } from "./machine.ts";

const numRuns = Number(process.env["GALLEY_PROPERTY_RUNS"] ?? 1000);

test("whatever the schedule, every invariant holds and every sink ends with exactly the last snapshot", () => {
  fc.assert(
    fc.property(schedule, (s) => run(real, s)),
    { numRuns },
  );
});

/** Machines with one fault each. A property that lets one live is too weak. */
const mutants: Record<string, Partial<Machine>> = {
  "takes a NACK for an ACK": {
    onRequest: (state, request) => onRequest(state, request.kind === "nack" ? { ...request, kind: "ack" } : request),
  },
  "does not check nonces": {
    onRequest: (state, request) =>
      onRequest(
        state,
        (request.kind === "ack" || request.kind === "nack") && state.phase === "awaiting"
          ? { ...request, nonce: state.nonce }
          : request,
      ),
  },
  "leaves removals out of deltas": {
    nextPush: (state, latest, nonce) => {
      const next = nextPush(state, latest, nonce);
      if (next === undefined || next[1].kind === "full") return next;
      return [next[0], { ...next[1], delta: { ...next[1].delta, removed: [] } }];
    },
  },
  "pushes while a push is unanswered": {
    nextPush: (state, latest, nonce) => {
      if (state.phase !== "awaiting") return nextPush(state, latest, nonce);
      return nextPush({ ...state, phase: "ready", answered: undefined, seen: state.sent.version }, latest, nonce);
    },
  },
  "takes asking again for an ACK": {
    onRequest: (state, request) =>
      request.kind === "subscribe" && state.phase === "awaiting"
        ? [
            { ...state, phase: "ready", answered: state.nonce, seen: state.sent.version, held: state.sent },
            "resubscribed",
          ]
        : onRequest(state, request),
  },
  "ignores the versions that a resuming sink kept": {
    nextPush: (state, latest, nonce) => {
      const next = nextPush(state, latest, nonce);
      if (next === undefined || state.phase !== "ready" || !(state.held instanceof Map)) return next;
      const upserts = [...next[0].sent];
      return [next[0], { kind: "delta", nonce, table: next[0].sent, delta: { upserts, removed: [] } }];
    },
  },
  "sends deltas to sinks that did not ask": {
    nextPush: (state, latest, nonce) =>
      nextPush(state.phase === "ready" ? { ...state, incremental: true } : state, latest, nonce),
  },
  "sends an answered version again": {
    nextPush: (state, latest, nonce) =>
      nextPush(state.phase === "ready" ? { ...state, seen: undefined } : state, latest, nonce),
  },
};

describe("a mutant is found out that", () => {
  for (const [name, mutant] of Object.entries(mutants)) {
    test(name, () => {
      const found = fc.check(
        fc.property(schedule, (s) => run({ ...real, ...mutant }, s)),
        { numRuns: 2000 },
      );
      expect(found.failed).toBe(true);
    });
  }
});
