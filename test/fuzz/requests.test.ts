import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeRequest, type RequestResources } from "../../src/mcp/request.ts";
import { RequestResourcesSchema } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { keptBytes } from "./corpus.ts";
import { fuzzing, patience, spoiledBytes } from "./fuzzing.ts";
import { wireRequest } from "./wire-request.ts";

const kept = keptBytes("requests");

/** The same by the library, field by field. */
function byLibrary(bytes: Uint8Array): object {
  const message = fromBinary(RequestResourcesSchema, bytes);
  const { sinkNode, collection, initialResourceVersions, responseNonce, errorDetail, incremental } = message;
  return {
    sinkId: sinkNode?.id ?? "",
    annotations: entries(new Map(Object.entries(sinkNode?.annotations ?? {}))),
    collection,
    kept: entries(new Map(Object.entries(initialResourceVersions))),
    nonce: responseNonce,
    error: errorDetail && { code: errorDetail.code, message: errorDetail.message },
    incremental,
  };
}

function flat(request: RequestResources | undefined): object | undefined {
  return request && { ...request, annotations: entries(request.annotations), kept: entries(request.kept) };
}

function entries(map: ReadonlyMap<string, string>): [string, string][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Characters that a decoded request holds. */
function weight({ sinkId, annotations, collection, kept: versions, nonce, error }: RequestResources): number {
  const texts = [sinkId, collection, nonce, error?.message ?? "", ...annotations, ...versions];
  return texts.flat().reduce((sum, text) => sum + text.length, 0);
}

test(
  "a request is read as the protobuf library reads it, whatever the order and number of its fields",
  patience,
  () => {
    fc.assert(
      fc.property(wireRequest, (bytes) => {
        expect(flat(decodeRequest(bytes))).toEqual(byLibrary(bytes));
      }),
      fuzzing(3000),
    );
  },
);

test("any bytes get a verdict, and never more text than bytes came", patience, () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 60 }), spoiledBytes(kept.map(({ input }) => input)));
  fc.assert(
    fc.property(bytes, (bytes) => {
      const request = decodeRequest(bytes);
      if (request !== undefined) expect(weight(request)).toBeLessThanOrEqual(bytes.length);
    }),
    fuzzing(5000),
  );
});

test.each(kept)("kept: $name", ({ input }) => {
  const request = decodeRequest(input);
  if (request !== undefined) expect(weight(request)).toBeLessThanOrEqual(input.length);
  expect({ verdict: request === undefined ? "not a request" : flat(request) }).toMatchSnapshot();
});
