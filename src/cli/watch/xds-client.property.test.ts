import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { InMemoryStore } from "../../model/received/store.ts";
import { MetadataSchema } from "../../wire/gen/current/mcp/v1alpha1/metadata_pb.ts";
import { ResourceSchema } from "../../wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "../../wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { XdsMode } from "../../xds/client/response.ts";
import { XdsSubscriptions } from "../../xds/client/subscriptions.ts";

// A client that is sent anything at all holds what a reader with plain maps holds, and says so when it comes back.

const types = ["networking.istio.io/v1/Gateway", "networking.istio.io/v1/Sidecar", "example.com/v1/Unknown"] as const;
const messages = ["Gateway", "Sidecar", "VirtualService"].map((kind) => `istio.networking.v1alpha3.${kind}`);

const resourceArbitrary = fc.record({
  name: fc.constantFrom("a/1", "a/2", "b/1", "b/2", "b/3"),
  version: fc.constantFrom("1", "2", "3"),
});
const stepArbitrary = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("push" as const),
      type: fc.nat({ max: types.length - 1 }),
      resources: fc.array(resourceArbitrary, { maxLength: 5 }),
      removed: fc.array(fc.constantFrom("a/1", "a/2", "b/1", "c/1"), { maxLength: 3 }),
      /** Which of the resources is spoiled, if it is one of them. */
      spoiled: fc.nat({ max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reconnect" as const) }) },
);
type Step = typeof stepArbitrary extends fc.Arbitrary<infer Value> ? Value : never;
type Push = Extract<Step, { readonly kind: "push" }>;

function wrap(type: number, name: string, version: string, isSpoiled: boolean): { typeUrl: string; value: Uint8Array } {
  const metadata = create(MetadataSchema, { name: isSpoiled ? "" : name, version });
  const body = { typeUrl: `type.googleapis.com/${messages[type]}`, value: new Uint8Array() };
  const value = toBinary(ResourceSchema, create(ResourceSchema, { metadata, body }));
  return { typeUrl: "type.googleapis.com/istio.mcp.v1alpha1.Resource", value };
}

function encode(mode: XdsMode, { type, resources, removed, spoiled }: Push, nonce: string): Uint8Array {
  const contents = resources.map(({ name, version }, i) => wrap(type, name, version, i === spoiled));
  const typeUrl = types[type]!;
  if (mode === "state") {
    return toBinary(DiscoveryResponseSchema, create(DiscoveryResponseSchema, { typeUrl, nonce, resources: contents }));
  }
  const members = resources.map(({ name, version }, i) => ({ name, version, resource: contents[i]! }));
  const response = { typeUrl, nonce, resources: members, removedResources: removed };
  return toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, response));
}

/** The answer's nonce, and whether it refuses. */
function readAnswer(mode: XdsMode, bytes: Uint8Array): { readonly nonce: string; readonly isRefusal: boolean } {
  const { responseNonce, errorDetail } = fromBinary(
    mode === "state" ? DiscoveryRequestSchema : DeltaDiscoveryRequestSchema,
    bytes,
  );
  return { nonce: responseNonce, isRefusal: errorDetail !== undefined };
}

/** The slow truth: what there is after a push that is good. */
function applied(
  mode: XdsMode,
  before: ReadonlyMap<string, string>,
  { resources, removed }: Push,
): Map<string, string> {
  const after = mode === "state" ? new Map<string, string>() : new Map(before);
  for (const { name, version } of resources) after.set(name, version);
  if (mode === "delta") for (const name of removed) after.delete(name);
  return after;
}

function sorted(versions: ReadonlyMap<string, string> | undefined): readonly (readonly [string, string])[] {
  return [...(versions ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
}

test.each(["state", "delta"] as const)("any sequence of responses leaves what plain maps hold, over %s", (mode) => {
  fc.assert(
    fc.property(fc.array(stepArbitrary, { maxLength: 40 }), (steps) => {
      const store = new InMemoryStore();
      const client = new XdsSubscriptions({ mode, node: { id: "a", metadata: {} }, typeUrls: types });
      const truth = new Map<string, Map<string, string>>();
      for (const [index, step] of steps.entries()) {
        if (step.kind === "reconnect") {
          for (const bytes of client.opening()) {
            if (mode === "state") continue;
            const { typeUrl, initialResourceVersions } = fromBinary(DeltaDiscoveryRequestSchema, bytes);
            expect(sorted(new Map(Object.entries(initialResourceVersions)))).toEqual(sorted(truth.get(typeUrl)));
          }
          continue;
        }
        const nonce = String(index);
        const received = client.receive(encode(mode, step, nonce));
        const typeUrl = types[step.type]!;
        const isSpoiled = step.spoiled < step.resources.length;
        expect(received.kind).toBe(isSpoiled ? "refused" : "change");
        if (received.kind === "refused") {
          const answer = readAnswer(mode, client.nack(typeUrl, received.nonce, received.refusal));
          expect(answer).toEqual({ nonce, isRefusal: true });
        } else if (received.kind === "change") {
          store.apply({ ...received.change, collection: typeUrl });
          truth.set(typeUrl, applied(mode, truth.get(typeUrl) ?? new Map(), step));
          expect(readAnswer(mode, client.ack(received.change, nonce))).toEqual({ nonce, isRefusal: false });
        }
        expect(sorted(store.versions.get(typeUrl))).toEqual(sorted(truth.get(typeUrl)));
      }
    }),
    { numRuns: 200 },
  );
});

test("any bytes at all get a verdict", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("state" as const, "delta" as const),
      fc.uint8Array({ maxLength: 200 }),
      (mode, bytes) => {
        const client = new XdsSubscriptions({ mode, node: { id: "a", metadata: {} }, typeUrls: ["", ...types] });
        expect(["change", "refused", "unasked", "garbage"]).toContain(client.receive(bytes).kind);
      },
    ),
    { numRuns: 1000 },
  );
});
