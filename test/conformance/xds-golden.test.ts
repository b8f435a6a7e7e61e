import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ResourceSchema } from "../../src/wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import { AdsStream } from "../istiod/stream.ts";
import { defaultIdentity, openingRequests } from "../istiod/requests.ts";
import { releaseOf } from "../istiod/releases.ts";
import { readResponse, STATE_OF_THE_WORLD, writeResponse } from "../istiod/wire.ts";
import { entry } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// Answers that were written by hand, byte by byte. Only versions and nonces are the server's own.

const URL_ASKED = "networking.istio.io/v1/ServiceEntry";

/** The answer to a ServiceEntry's request, as bytes. */
async function answerOf(server: XdsServer): Promise<Uint8Array> {
  const current = releaseOf("1.30");
  return await new Promise((resolve, reject) => {
    const stream = new AdsStream(
      server.address,
      STATE_OF_THE_WORLD,
      {
        message: (bytes) => {
          if (readResponse(bytes).typeUrl !== URL_ASKED) return;
          stream.cancel();
          resolve(bytes);
        },
        ended: (status) => reject(new Error(status.details)),
      },
      -1,
    );
    for (const request of openingRequests(current, defaultIdentity)) stream.send(request);
  });
}

/** A golden answer with the versions and the nonce of another one, as bytes. */
function adopt(golden: string, answer: Uint8Array, resourceVersion: string): Uint8Array {
  const { versionInfo, nonce } = readResponse(answer);
  const adopted = readResponse(Buffer.from(golden, "hex"));
  const resources = adopted.resources.map((any) => {
    const resource = fromBinary(ResourceSchema, any.value);
    resource.metadata!.version = resourceVersion;
    return { ...any, value: toBinary(ResourceSchema, resource) };
  });
  return writeResponse({ ...adopted, versionInfo, nonce, resources });
}

test("the answer about one ServiceEntry is the golden one", async () => {
  const golden =
    "0a02763112b0010a2f747970652e676f6f676c65617069732e636f6d2f697374696f2e6d63702e7631616c706861312e5265736f75726365127d0a1a0a0d64656661756c742f6578742d6112060880e2cfaa061a0137125f0a3a747970652e676f6f676c65617069732e636f6d2f697374696f2e6e6574776f726b696e672e7631616c706861332e53657276696365456e74727912210a0d612e6578616d706c652e636f6d1a0e08501204485454501a0468747470280222236e6574776f726b696e672e697374696f2e696f2f76312f53657276696365456e7472792a026e31";
  await using server = await XdsServer.start();
  const only = entry("default/ext-a", "a.example.com", { createdAt: "2023-11-14T22:13:20Z" });
  server.publish(only);
  const answer = await answerOf(server);
  expect(Buffer.from(answer).toString("hex")).toBe(Buffer.from(adopt(golden, answer, only.version)).toString("hex"));
});

test("the answer about nothing is the golden one", async () => {
  const golden = "0a02763122236e6574776f726b696e672e697374696f2e696f2f76312f53657276696365456e7472792a026e31";
  await using server = await XdsServer.start();
  server.publish();
  const answer = await answerOf(server);
  expect(Buffer.from(answer).toString("hex")).toBe(Buffer.from(adopt(golden, answer, "")).toString("hex"));
});
