import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { gateLimits } from "../grpc/access/gate.ts";
import { defaultLimits } from "../grpc/limits.ts";
import type { GrpcServer } from "../grpc/server.ts";
import { PlainClient } from "../grpc/testing/harness.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { ManualClock } from "../lib/manual-clock.ts";
import { SOURCE_STREAM } from "../mcp/protocol.ts";
import { CollectionRegistry } from "../model/collections.ts";
import { istioCollections } from "../model/registry.ts";
import {
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
} from "../wire/gen/grpc/reflection/v1/reflection_pb.ts";
import { openListener } from "./listener.ts";
import { createServingPath, type ServingPath } from "./serving-path.ts";

const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;

function pathOn(clock = systemClock, registry = istioCollections()): ServingPath {
  return createServingPath({ sources: [], registry, clock, log: silentLogger });
}

function portOf({ address }: GrpcServer): number {
  return address.kind === "tcp" ? address.port : 0;
}

async function servicesAt(port: number): Promise<readonly string[]> {
  await using client = new PlainClient(port);
  const call = client.call("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
  const question = create(ServerReflectionRequestSchema, { messageRequest: { case: "listServices", value: "*" } });
  call.send(toBinary(ServerReflectionRequestSchema, question));
  await call.until(() => call.messages.length > 0 || call.closed);
  const { messageResponse } = fromBinary(ServerReflectionResponseSchema, call.messages[0]!);
  if (messageResponse.case !== "listServicesResponse") throw new Error(`no list but ${messageResponse.case}`);
  return messageResponse.value.service.map(({ name }) => name).filter((name) => !name.includes("Reflection"));
}

const ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService";
const HEALTH = "grpc.health.v1.Health";

test.each([
  ["all", [ADS, HEALTH, "istio.mcp.v1alpha1.ResourceSource"]],
  ["xds", [ADS, HEALTH]],
] as const)("a listener for protocols: %s lists what it offers, and offers it", async (protocols, services) => {
  const path = pathOn();
  await using streams = path.streams;
  await using grpc = await openListener(path, { protocols, address, log: silentLogger });
  expect(await servicesAt(portOf(grpc))).toEqual(services);
  await using client = new PlainClient(portOf(grpc));
  const call = client.call(SOURCE_STREAM);
  await call.until(() => call.headers !== undefined);
  // UNIMPLEMENTED, where MCP is not served.
  expect(call.headers?.["grpc-status"]).toBe(protocols === "all" ? undefined : "12");
  expect(streams.sinkCount).toBe(protocols === "all" ? 1 : 0);
});

test("collections of messages that nobody knows are served like others, and reflection passes them over", async () => {
  const own = istioCollections().all.map((spec) => ({ ...spec, message: "example.Unheard" }));
  const path = pathOn(systemClock, new CollectionRegistry(own));
  await using _streams = path.streams;
  for (const protocols of ["all", "xds"] as const) {
    await using grpc = await openListener(path, { protocols, address, log: silentLogger });
    expect(await servicesAt(portOf(grpc))).toContain(ADS);
  }
});

test("without a guard streams are opened at the usual pace, whoever opens them", async () => {
  const clock = new ManualClock();
  const path = pathOn(clock);
  await using streams = path.streams;
  const grpc = await openListener(path, { protocols: "all", address, log: silentLogger });
  const clients: PlainClient[] = [];
  for (let count = 0; count <= gateLimits.burst; count++) {
    if (count % defaultLimits.maxConcurrentStreams === 0) clients.push(new PlainClient(portOf(grpc)));
    clients.at(-1)!.call(SOURCE_STREAM);
  }
  while (grpc.streams <= gateLimits.burst) await new Promise((resolve) => setImmediate(resolve));
  expect(streams.sinkCount).toBe(gateLimits.burst);
  clock.advance(1000);
  expect(streams.sinkCount).toBe(gateLimits.burst + 1);
  for (const client of clients) await client[Symbol.asyncDispose]();
  await grpc.shutdown(0);
});
