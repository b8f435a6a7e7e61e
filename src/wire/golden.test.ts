import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema, EmptySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { ServiceEntrySchema, ServiceEntry_Resolution } from "./gen/current/networking/v1alpha3/service_entry_pb.ts";
import { ResourceSchema as CurrentResourceSchema } from "./gen/current/mcp/v1alpha1/resource_pb.ts";
import { DiscoveryRequestSchema, DiscoveryResponseSchema } from "./gen/envoy/service/discovery/v3/discovery_pb.ts";
import { RequestResourcesSchema, ResourcesSchema } from "./gen/istio13/mcp/v1alpha1/mcp_pb.ts";

// Bytes that Go peers have been seen to send, or that follow from the field numbers by hand.

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const gateways = "istio/networking/v1alpha3/gateways";
const gatewaysHex = "1222697374696f2f6e6574776f726b696e672f7631616c706861332f6761746577617973";

describe("MCP requests", () => {
  test.each([
    ["a subscription", { sinkNode: { id: "default" }, collection: gateways }, `0a090a0764656661756c74${gatewaysHex}`],
    [
      "an ACK",
      { sinkNode: { id: "default" }, collection: gateways, responseNonce: "1" },
      `0a090a0764656661756c74${gatewaysHex}220131`,
    ],
    [
      "a NACK of a sink without a name",
      { sinkNode: {}, collection: gateways, responseNonce: "2", errorDetail: { code: 3, message: "bad" } },
      `0a00${gatewaysHex}2201322a0708031203626164`,
    ],
    [
      "a sink that resumes",
      {
        sinkNode: { id: "n", annotations: { k: "v" } },
        collection: gateways,
        initialResourceVersions: { "ns/a": "7" },
        incremental: true,
      },
      `0a0b0a016e12060a016b120176${gatewaysHex}1a090a046e732f611201373001`,
    ],
  ])("%s", (_, init, expected) => {
    const message = create(RequestResourcesSchema, init);
    expect(hex(toBinary(RequestResourcesSchema, message))).toBe(expected);
    expect(fromBinary(RequestResourcesSchema, bytes(expected))).toEqual(message);
  });
});

describe("MCP responses", () => {
  const resource = {
    metadata: {
      name: "ns/a",
      createTime: { seconds: 1514772184n, nanos: 5 },
      version: "7",
      labels: { l: "1" },
      annotations: { a: "2" },
    },
    body: anyPack(EmptySchema, create(EmptySchema)),
  };
  const full =
    `0a023132${gatewaysHex}1a520a230a046e732f61120808d8ada6d20510051a013722060a016c1201312a060a0161120132` +
    "122b0a29747970652e676f6f676c65617069732e636f6d2f676f6f676c652e70726f746f6275662e456d7074792a0131";
  test.each([
    ["a full push", { systemVersionInfo: "12", collection: gateways, resources: [resource], nonce: "1" }, full],
    [
      "a removal",
      {
        systemVersionInfo: "13",
        collection: gateways,
        removedResources: ["ns/a", "ns/b"],
        nonce: "2",
        incremental: true,
      },
      `0a023133${gatewaysHex}22046e732f6122046e732f622a01323001`,
    ],
    [
      "the trigger of a source that dialled out",
      { collection: "$triggerCollection" },
      "12122474726967676572436f6c6c656374696f6e",
    ],
  ])("%s", (_, init, expected) => {
    const message = create(ResourcesSchema, init);
    expect(hex(toBinary(ResourcesSchema, message))).toBe(expected);
    expect(fromBinary(ResourcesSchema, bytes(expected))).toEqual(message);
  });
});

describe("MCP over xDS", () => {
  const typeUrl = "networking.istio.io/v1/ServiceEntry";

  test("the first request of istiod", () => {
    const wire =
      "22236e6574776f726b696e672e697374696f2e696f2f76312f53657276696365456e7472792a36323032362d30382d32322031353a30303a" +
      "31382e303030303030303031202b3030303020555443206d3d2b312e303030303030303031";
    const request = fromBinary(DiscoveryRequestSchema, bytes(wire));
    expect(request.typeUrl).toBe(typeUrl);
    expect(request.responseNonce).toBe("2026-08-22 15:00:18.000000001 +0000 UTC m=+1.000000001");
    expect(hex(toBinary(DiscoveryRequestSchema, request))).toBe(wire);
    expect(wire.length / 2).toBe(93);
  });

  test("an empty answer", () => {
    const answer = create(DiscoveryResponseSchema, { versionInfo: "v1", typeUrl, nonce: "n1" });
    const wire = "0a02763122236e6574776f726b696e672e697374696f2e696f2f76312f53657276696365456e7472792a026e31";
    expect(hex(toBinary(DiscoveryResponseSchema, answer))).toBe(wire);
  });

  test("an answer with one ServiceEntry", () => {
    const body = create(ServiceEntrySchema, {
      hosts: ["a.example.com"],
      ports: [{ number: 80, protocol: "HTTP", name: "http" }],
      resolution: ServiceEntry_Resolution.DNS,
    });
    const resource = create(CurrentResourceSchema, {
      metadata: { name: "default/ext-a", createTime: { seconds: 1700000000n }, version: "7" },
      body: anyPack(ServiceEntrySchema, body),
    });
    const any = create(AnySchema, anyPack(CurrentResourceSchema, resource));
    const answer = create(DiscoveryResponseSchema, { versionInfo: "v1", resources: [any], typeUrl, nonce: "n1" });
    const wire =
      "0a02763112b0010a2f747970652e676f6f676c65617069732e636f6d2f697374696f2e6d63702e7631616c706861312e5265736f75726365" +
      "127d0a1a0a0d64656661756c742f6578742d6112060880e2cfaa061a0137125f0a3a747970652e676f6f676c65617069732e636f6d2f6973" +
      "74696f2e6e6574776f726b696e672e7631616c706861332e53657276696365456e74727912210a0d612e6578616d706c652e636f6d1a0e08" +
      "501204485454501a0468747470280222236e6574776f726b696e672e697374696f2e696f2f76312f53657276696365456e7472792a026e31";
    expect(hex(toBinary(DiscoveryResponseSchema, answer))).toBe(wire);
    expect(wire.length / 2).toBe(224);
  });
});
