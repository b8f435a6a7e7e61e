import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ResourcesSchema } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { bytesFor } from "../../wire/testing/bytes-for.ts";
import { decodeResources, type WireResources } from "./message.ts";

/** What the library makes of the bytes, in the same form. */
function byLibrary(bytes: Uint8Array): WireResources | undefined {
  try {
    const message = fromBinary(ResourcesSchema, bytes);
    const { systemVersionInfo: version, collection, removedResources: removed, nonce, incremental } = message;
    const resources = message.resources.map(({ metadata, body }) => ({
      metadata: metadata && {
        name: metadata.name,
        version: metadata.version,
        createTime: metadata.createTime && {
          seconds: Number(metadata.createTime.seconds),
          nanos: metadata.createTime.nanos,
        },
        labels: metadata.labels,
        annotations: metadata.annotations,
      },
      body: body && { typeUrl: body.typeUrl, value: body.value },
    }));
    return { version, collection, resources, removed, nonce, incremental };
  } catch {
    return undefined;
  }
}

test("a push is read as the library reads it, or refused as it refuses it", () => {
  const verdicts = { good: 0, bad: 0 };
  fc.assert(
    fc.property(
      fc.oneof({ weight: 4, arbitrary: bytesFor(ResourcesSchema) }, { weight: 1, arbitrary: fc.uint8Array() }),
      (bytes) => {
        const expected = byLibrary(bytes);
        verdicts[expected === undefined ? "bad" : "good"]++;
        expect(decodeResources(bytes)).toEqual(expected);
      },
    ),
    { numRuns: 5000 },
  );
  expect(Math.min(verdicts.good, verdicts.bad)).toBeGreaterThan(500);
});
