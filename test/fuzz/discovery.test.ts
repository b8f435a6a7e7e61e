import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesFor } from "../../src/wire/testing/bytes-for.ts";
import {
  DeltaDiscoveryRequestSchema,
  DiscoveryRequestSchema,
} from "../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { decodeDeltaRequest, decodeRequest } from "../../src/xds/request.ts";
import { fuzzing, patience, spoiledBytes } from "./fuzzing.ts";

/** What of a node is read: its id, and the texts among the metadata that matter. */
function nodeOf(
  node: { readonly id: string; readonly metadata?: Readonly<Record<string, unknown>> | undefined } | undefined,
) {
  if (node === undefined) return undefined;
  const wanted = new Set(["GENERATOR", "ISTIO_REVISION", "ISTIO_VERSION", "NAMESPACE"]);
  const metadata = Object.entries(node.metadata ?? {}).filter(
    ([key, value]) => wanted.has(key) && typeof value === "string",
  );
  return { id: node.id, metadata: new Map(metadata) };
}

function statusOf(error: { readonly code: number; readonly message: string } | undefined) {
  return error && { code: error.code, message: error.message };
}

function stateByLibrary(bytes: Uint8Array): object {
  const { node, resourceNames, typeUrl, responseNonce, errorDetail } = fromBinary(DiscoveryRequestSchema, bytes);
  return { node: nodeOf(node), names: resourceNames, typeUrl, nonce: responseNonce, error: statusOf(errorDetail) };
}

function deltaByLibrary(bytes: Uint8Array): object {
  const message = fromBinary(DeltaDiscoveryRequestSchema, bytes);
  return {
    node: nodeOf(message.node),
    typeUrl: message.typeUrl,
    subscribe: message.resourceNamesSubscribe,
    unsubscribe: message.resourceNamesUnsubscribe,
    initialVersions: new Map(Object.entries(message.initialResourceVersions)),
    nonce: message.responseNonce,
    error: statusOf(message.errorDetail),
  };
}

const text = fc.string({ maxLength: 6, unit: "grapheme-ascii" }).filter((word) => word !== "__proto__");
const whole = fc.record(
  {
    node: fc.record({
      id: text,
      metadata: fc.dictionary(
        fc.constantFrom("ISTIO_REVISION", "GENERATOR", "OTHER"),
        fc.oneof(text, fc.boolean(), fc.integer(), fc.constant(null), fc.array(text, { maxLength: 2 })),
        { noNullPrototype: true },
      ),
    }),
    typeUrl: text,
    responseNonce: text,
    errorDetail: fc.record({ code: fc.integer({ min: -5, max: 20 }), message: text }),
  },
  { requiredKeys: [] },
);

describe.each([
  ["DiscoveryRequest", DiscoveryRequestSchema as DescMessage, decodeRequest, stateByLibrary] as const,
  ["DeltaDiscoveryRequest", DeltaDiscoveryRequestSchema as DescMessage, decodeDeltaRequest, deltaByLibrary] as const,
])("%s", (_, schema, decode, byLibrary) => {
  test("is read as the protobuf library reads it, and in pieces as the sum of them", patience, () => {
    fc.assert(
      fc.property(fc.array(whole, { minLength: 1, maxLength: 3 }), (pieces) => {
        const bytes = Buffer.concat(
          pieces.map((piece) => toBinary(schema, create(schema, piece as Record<string, unknown>))),
        );
        expect(decode(bytes)).toEqual(byLibrary(bytes));
      }),
      fuzzing(2000),
    );
  });

  test("gets a verdict whatever the bytes, and never more text than bytes came", patience, () => {
    const spoiled = spoiledBytes([toBinary(schema, create(schema, { typeUrl: "a/b/c", node: { id: "x" } }))]);
    const verdicts = { request: 0, none: 0 };
    fc.assert(
      fc.property(fc.oneof(bytesFor(schema), spoiled, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        const request = decode(bytes);
        verdicts[typeof request === "string" ? "none" : "request"]++;
        if (typeof request !== "string") expect(request.typeUrl.length).toBeLessThanOrEqual(bytes.length);
      }),
      fuzzing(4000),
    );
    expect(Math.min(verdicts.request, verdicts.none)).toBeGreaterThan(100);
  });
});
