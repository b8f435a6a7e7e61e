import { create } from "@bufbuild/protobuf";
import { status } from "../../src/grpc/status.ts";
import { RequestResourcesSchema } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { doorMutants } from "./door/mutants.ts";
import { faultyHub, faultyEncode, faultySource } from "./faulty-parts.ts";
import { faultyStreams } from "./faulty-stream.ts";
import type { WorldSeams } from "./simulation.ts";
import { xdsMutants } from "./xds/mutants.ts";

/** A fault, and what is found out about a server that has it. */
export type Mutant = readonly [found: RegExp, seams: WorldSeams];

/** Servers with one fault each, by what they do wrong. A simulation that lets one live is too weak. */
export const mutants: Readonly<Record<string, Mutant>> = {
  ...doorMutants,
  ...xdsMutants,
  "loses a wake": [/I9/, faultyHub({ losesWakes: true })],
  "keeps a dead session subscribed": [/leaves .* watchers/, faultyHub({ keepsWatchers: true })],
  "delivers an old snapshot": [/I11/, faultyHub({ lags: true })],
  "keeps quiet about an empty collection": [/I3/, faultyHub({ hidesEmpty: true })],
  "forgets removals": [
    /I7/,
    faultyEncode((push) => (push.kind === "full" ? push : { ...push, delta: { ...push.delta, removed: [] } })),
  ],
  "sends what did not change": [
    /I7/,
    faultyEncode((push) =>
      push.kind === "full" ? push : { ...push, delta: { ...push.delta, upserts: [...push.table] } },
    ),
  ],
  "publishes before the sources have said everything": [/published before/, faultySource({ syncsAtOnce: true })],
  "publishes what a source says anew before that is all": [/was said/, faultySource({ syncsAtOnceAgain: true })],
  "takes an outage for a deletion": [/was said/, faultySource({ empties: true })],
  "swallows a close": [/leaves .* sinks/, faultyStreams(() => ({ swallowsClose: true }))],
  "holds the headers back until there is a message": [/I1/, faultyStreams(() => ({ holdsHeaders: true }))],
  "writes a message while another is on its way": [
    /a send is in flight/,
    faultyStreams(() => ({ sending: "at once" })),
  ],
  "uses the transport as a queue": [/I11/, faultyStreams(() => ({ sending: "queued" }))],
  "lets answers wait": [
    /has to wait/,
    faultyStreams((clock) => ({
      incoming: (request, pass) => {
        if (request.responseNonce === "") pass(request);
        else clock.schedule(10, () => pass(request));
      },
    })),
  ],
  "answers a NACK by sending the version again": [
    /answers nothing that was asked/,
    faultyStreams(() => ({
      incoming: (request, pass) => {
        pass(request);
        if (request.errorDetail === undefined || request.responseNonce === "") return;
        pass(create(RequestResourcesSchema, { collection: request.collection }));
      },
    })),
  ],
  "takes a NACK for an ACK": [
    /I6/,
    faultyStreams(() => ({
      incoming: ({ collection, responseNonce }, pass) =>
        pass(create(RequestResourcesSchema, { collection, responseNonce })),
    })),
  ],
  "takes silence for consent": [
    /answers nothing that was asked/,
    faultyStreams((clock) => ({
      outgoing: (message, say) => {
        const answer = { collection: message.collection, responseNonce: message.nonce };
        clock.schedule(20, () => say(create(RequestResourcesSchema, answer)));
        return message;
      },
    })),
  ],
  "takes any nonce for the one that is due": [
    /I8/,
    faultyStreams(() => {
      const due = new Map<string, string>();
      return {
        incoming: (request, pass) => {
          const nonce = due.get(request.collection) ?? request.responseNonce;
          pass(request.responseNonce === "" ? request : { ...request, responseNonce: nonce });
        },
        outgoing: (message) => {
          due.set(message.collection, message.nonce);
          return message;
        },
      };
    }),
  ],
  "takes asking again for an ACK": [
    /I4/,
    faultyStreams(() => {
      const due = new Map<string, string>();
      return {
        incoming: (request, pass) => pass({ ...request, responseNonce: due.get(request.collection) ?? "" }),
        outgoing: (message) => {
          due.set(message.collection, message.nonce);
          return message;
        },
      };
    }),
  ],
  "forgets removals when a sink resumes": [
    /I7/,
    faultyStreams(() => {
      const sent = new Set<string>();
      return {
        outgoing: (message) => {
          const resumes = message.incremental && !sent.has(message.collection);
          sent.add(message.collection);
          return resumes ? { ...message, removedResources: [] } : message;
        },
      };
    }),
  ],
  "makes the first delta from nothing": [
    /I7/,
    faultyStreams(() => ({
      incoming: (request, pass) => pass({ ...request, initialResourceVersions: {} }),
      outgoing: (message) => (message.nonce === "1" ? { ...message, incremental: true } : message),
    })),
  ],
  "sends deltas to sinks that did not ask": [
    /I10/,
    faultyStreams(() => ({
      incoming: (request, pass) => pass({ ...request, incremental: true }),
    })),
  ],
  "never sends deltas": [
    /I7/,
    faultyStreams(() => ({
      incoming: (request, pass) => pass({ ...request, incremental: false }),
    })),
  ],
  "numbers versions anew in each process": [
    /I11/,
    faultyStreams(() => {
      let version = 0;
      return { outgoing: (message) => ({ ...message, systemVersionInfo: String(++version) }) };
    }),
  ],
  "sends resources in no order": [
    /I12/,
    faultyStreams(() => ({
      outgoing: (message) => ({ ...message, resources: message.resources.toReversed() }),
    })),
  ],
  "gives a resource another's body": [
    /I12/,
    faultyStreams(() => ({
      outgoing: (message) => {
        const [first, second, ...rest] = message.resources;
        if (first?.body === undefined || second?.body === undefined) return message;
        const swapped = [{ ...first, body: second.body }, { ...second, body: first.body }, ...rest];
        return { ...message, resources: swapped };
      },
    })),
  ],
  "ends a stream for no reason": [
    /for no reason/,
    faultyStreams((_, stream) => ({
      outgoing: (message) => {
        if (message.nonce === "4") stream.end(status("Unavailable", "enough"));
        return message;
      },
    })),
  ],
};
