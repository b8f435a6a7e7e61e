import { afterEach, beforeEach, expect, test } from "vitest";
import { DeltaClient } from "../support/xds-client.ts";
import { XdsServer } from "../support/xds-server.ts";
import { ENTRIES, RULES } from "../support/xds-content.ts";

// What people are shown of a client over xDS: what it says of itself, and what its questions give away.

let server: XdsServer;
let client: DeltaClient;

beforeEach(async () => {
  server = await XdsServer.start();
  server.publish();
  client = new DeltaClient(server.address);
});

afterEach(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const metadata = { GENERATOR: "api", NAMESPACE: "istio-system" };

test("a client is shown under the name that it gave last, cut where it is too long", async () => {
  client.send({ node: { id: "first", metadata }, typeUrl: ENTRIES });
  await client.take();
  client.send({ node: { id: "x".repeat(5000), metadata }, typeUrl: ENTRIES, resourceNamesSubscribe: ["a/none"] });
  await client.take();
  expect(server.sinks()).toMatchObject([{ sinkId: `${"x".repeat(1024)}…` }]);
});

test("what its questions give away is shown beside what it says, until a question gives away that it is none of those", async () => {
  const asksLike = expect.stringMatching(/^1\.\d+/u) as unknown;
  for (const url of [ENTRIES, RULES]) {
    client.send({ node: { id: "istiod", metadata }, typeUrl: url });
    await client.take();
    const annotations = { GENERATOR: "api", NAMESPACE: "istio-system", "asks like istiod": asksLike };
    expect(server.sinks()).toMatchObject([{ sinkId: "istiod", annotations }]);
  }
  client.send({ node: { id: "istiod", metadata }, typeUrl: "test.example/v1/Other" });
  await client.take();
  expect(server.sinks()[0]!.annotations).toEqual(metadata);
});
