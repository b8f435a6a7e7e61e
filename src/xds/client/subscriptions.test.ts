import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { MetadataSchema } from "../../wire/gen/current/mcp/v1alpha1/metadata_pb.ts";
import { ResourceSchema } from "../../wire/gen/current/mcp/v1alpha1/resource_pb.ts";
import { GatewaySchema } from "../../wire/gen/current/networking/v1alpha3/gateway_pb.ts";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
  ResourceSchema as TimedSchema,
} from "../../wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { XdsChange } from "../../model/received/change.ts";
import type { Received } from "./receive.ts";
import { type SubscriptionSettings, XdsSubscriptions } from "./subscriptions.ts";

const GATEWAYS = "networking.istio.io/v1/Gateway";
const ENTRIES = "networking.istio.io/v1/ServiceEntry";
const CLUSTERS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const GATEWAY = `type.googleapis.com/${GatewaySchema.typeName}`;

const node = { id: "galley-watch~a", metadata: {} };

function client(settings: Partial<SubscriptionSettings> = {}): XdsSubscriptions {
  return new XdsSubscriptions({ mode: "delta", node, typeUrls: [GATEWAYS], ...settings });
}

function any(typeUrl: string, value: Uint8Array = new Uint8Array()): Any {
  return create(AnySchema, { typeUrl, value });
}

function wrapped(name: string, version: string, body: Any | null = any(GATEWAY)): Any {
  const metadata = create(MetadataSchema, { name, version, labels: { app: "web" } });
  const resource = create(ResourceSchema, { metadata, ...(body === null ? {} : { body }) });
  return any("type.googleapis.com/istio.mcp.v1alpha1.Resource", toBinary(ResourceSchema, resource));
}

function state(response: MessageInitShape<typeof DiscoveryResponseSchema>): Uint8Array {
  return toBinary(DiscoveryResponseSchema, create(DiscoveryResponseSchema, { typeUrl: GATEWAYS, ...response }));
}

function delta(response: MessageInitShape<typeof DeltaDiscoveryResponseSchema>): Uint8Array {
  const init = { typeUrl: GATEWAYS, ...response };
  return toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, init));
}

function changeOf(received: Received): XdsChange {
  if (received.kind !== "change") throw new Error(JSON.stringify(received));
  return received.change;
}

function refusalOf(received: Received): string {
  if (received.kind !== "refused") throw new Error(JSON.stringify(received));
  return received.refusal.message;
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes!).toString("hex");
}

/** A length-delimited field by hand. */
function field(number: number, text: string): string {
  return hex(Uint8Array.of((number << 3) | 2, text.length)) + Buffer.from(text).toString("hex");
}

describe("on the wire", () => {
  test("a stream of the whole state begins with a request for each type, and says once who asks", () => {
    const [first, second] = client({ mode: "state", typeUrls: [GATEWAYS, ENTRIES] }).opening();
    expect(hex(first)).toBe(`1210${field(1, node.id)}${field(4, GATEWAYS)}`);
    expect(hex(second)).toBe(field(4, ENTRIES));
  });

  test("an answer to a whole state names the version and the nonce, and a refusal the version that is kept", () => {
    const asking = client({ mode: "state" });
    const taken = asking.receive(state({ versionInfo: "v1", nonce: "n1" }));
    expect(hex(asking.ack(changeOf(taken), "n1"))).toBe(`${field(1, "v1")}${field(4, GATEWAYS)}${field(5, "n1")}`);
    expect(hex(asking.nack(GATEWAYS, "n2", { code: 3, message: "no" }))).toBe(
      `${field(1, "v1")}${field(4, GATEWAYS)}${field(5, "n2")}32060803${field(2, "no")}`,
    );
  });

  test("deltas are asked for, acknowledged and refused without a version", () => {
    const asking = client();
    expect(hex(asking.opening()[0])).toBe(`0a10${field(1, node.id)}${field(2, GATEWAYS)}`);
    const taken = asking.receive(delta({ systemVersionInfo: "v1", nonce: "n1" }));
    expect(hex(asking.ack(changeOf(taken), "n1"))).toBe(`${field(2, GATEWAYS)}${field(6, "n1")}`);
    expect(hex(asking.nack(GATEWAYS, "n2", { code: 3, message: "no" }))).toBe(
      `${field(2, GATEWAYS)}${field(6, "n2")}3a060803${field(2, "no")}`,
    );
  });

  test("as istiod it makes up nonces, tells no version when it begins, and says in every answer who it is", () => {
    const istiod = { id: "sidecar~1~a.b~c", metadata: { GENERATOR: "api" } };
    const asking = client({ mode: "state", node: istiod, dialect: "istiod", typeUrls: [GATEWAYS, ENTRIES] });
    asking.ack(changeOf(asking.receive(state({ versionInfo: "v1", nonce: "n1" }))), "n1");
    const [first, second] = asking.opening().map((bytes) => fromBinary(DiscoveryRequestSchema, bytes));
    expect(first).toMatchObject({ node: istiod, versionInfo: "", responseNonce: "invented-1" });
    expect(second!.node).toBeUndefined();
    expect(second!.responseNonce).not.toBe(first!.responseNonce);
    const answer = asking.nack(GATEWAYS, "n2", { code: 3, message: "no" });
    expect(fromBinary(DiscoveryRequestSchema, answer)).toMatchObject({ node: istiod, versionInfo: "v1" });
  });
});

describe("a reconnect", () => {
  test("resumes deltas from what was taken in and not removed", () => {
    const asking = client();
    const push = { nonce: "1", resources: [resource("a/one", "1"), resource("a/two", "1")] };
    asking.ack(changeOf(asking.receive(delta(push))), "1");
    asking.receive(delta({ nonce: "2", resources: [resource("a/three", "1")] })); // never acknowledged
    asking.ack(changeOf(asking.receive(delta({ nonce: "3", removedResources: ["a/one"] }))), "3");
    const [request] = asking.opening().map((bytes) => fromBinary(DeltaDiscoveryRequestSchema, bytes));
    expect(request).toMatchObject({ initialResourceVersions: { "a/two": "1" }, responseNonce: "" });
    expect(changeOf(asking.receive(delta({ nonce: "1" }))).incremental).toBe(true);
  });

  test("of the whole state tells the version that is held, which spares a server from sending it again", () => {
    const asking = client({ mode: "state" });
    asking.ack(changeOf(asking.receive(state({ versionInfo: "v7", nonce: "n1" }))), "n1");
    expect(fromBinary(DiscoveryRequestSchema, asking.opening()[0]!)).toMatchObject({ versionInfo: "v7" });
  });

  test.each(["delta", "state"] as const)("over %s asks for everything after a refusal of the application", (mode) => {
    const asking = client({ mode });
    const pushed = (version: string): Uint8Array =>
      mode === "delta"
        ? delta({ nonce: "1", resources: [resource("a/one", version)] })
        : state({ nonce: "1", versionInfo: version, resources: [wrapped("a/one", version)] });
    const opened = (): unknown => {
      const [bytes] = asking.opening();
      if (mode === "state") return fromBinary(DiscoveryRequestSchema, bytes!).versionInfo;
      return fromBinary(DeltaDiscoveryRequestSchema, bytes!).initialResourceVersions;
    };
    asking.ack(changeOf(asking.receive(pushed("1"))), "1");
    expect(opened()).toEqual(mode === "state" ? "1" : { "a/one": "1" });
    asking.doubt(GATEWAYS);
    for (let i = 0; i < 2; i++) expect(opened()).toEqual(mode === "state" ? "" : {});
    const whole = changeOf(asking.receive(pushed("1")));
    expect(whole.incremental).toBe(false);
    asking.ack(whole, "1");
    expect(opened()).toEqual(mode === "state" ? "1" : { "a/one": "1" });
  });

  test("with more than a request may hold asks for everything, and takes the first answer for all there is", () => {
    const held = new Map(Array.from({ length: 50_000 }, (_, i) => [`namespace/resource-${i}`, "version"]));
    const asking = client({ held: new Map([[GATEWAYS, held]]) });
    const [request] = asking.opening();
    expect(request!.length).toBeLessThan(1000);
    const first = changeOf(asking.receive(delta({ nonce: "1", resources: [resource("a/one", "1")] })));
    expect(first.incremental).toBe(false);
    asking.ack(first, "1");
    expect(changeOf(asking.receive(delta({ nonce: "2" }))).incremental).toBe(true);
    const [resumed] = asking.opening().map((bytes) => fromBinary(DeltaDiscoveryRequestSchema, bytes));
    expect(resumed!.initialResourceVersions).toEqual({ "a/one": "1" });
  });
});

function resource(name: string, version: string, content: Any = wrapped(name, version)): object {
  return create(TimedSchema, { name, version, resource: content });
}

describe("a resource", () => {
  test("is what its wrapper says of it, and decodes when asked", () => {
    const body = any(GATEWAY, toBinary(GatewaySchema, create(GatewaySchema, { selector: { istio: "edge" } })));
    const [read] = changeOf(
      client().receive(delta({ resources: [resource("a/b", "7", wrapped("a/b", "6", body))] })),
    ).resources;
    expect(read).toMatchObject({ name: "a/b", version: "7", labels: { app: "web" }, typeUrl: GATEWAY });
    expect(read!.body()).toEqual({ selector: { istio: "edge" } });
    expect(read!.decode(GatewaySchema).selector).toEqual({ istio: "edge" });
    expect(() => read!.decode(ResourceSchema)).toThrow("is a istio.networking.v1alpha3.Gateway, not a");
  });

  test("without a version has one that changes with its content", () => {
    const versionOf = (body: Uint8Array): string | undefined =>
      changeOf(client({ mode: "state" }).receive(state({ resources: [wrapped("a/b", "", any(GATEWAY, body))] })))
        .resources[0]?.version;
    const other = toBinary(GatewaySchema, create(GatewaySchema, { selector: { a: "b" } }));
    expect(versionOf(new Uint8Array())).toBe(versionOf(new Uint8Array()));
    expect(versionOf(other)).not.toBe(versionOf(new Uint8Array()));
    expect(versionOf(other)).not.toBe("");
  });

  test("that is not wrapped bears the name in its body, if it is Envoy's, and is shown as bytes", () => {
    const cluster = any(CLUSTERS, Buffer.from("0a0465646765", "hex"));
    const asking = client({ mode: "state", typeUrls: [CLUSTERS] });
    const [read] = changeOf(asking.receive(state({ typeUrl: CLUSTERS, resources: [cluster] }))).resources;
    expect(read).toMatchObject({ name: "edge" });
    expect(read!.body()).toEqual({ "@type": CLUSTERS, value: "CgRlZGdl" });
  });

  test("that begins with something else than a name is not called by it", () => {
    const asking = client({ mode: "state", typeUrls: [CLUSTERS] });
    const bodies = ["0a020801", "0a02ffff", "0a63", "0a00"].map((text) => any(CLUSTERS, Buffer.from(text, "hex")));
    const { resources } = changeOf(asking.receive(state({ typeUrl: CLUSTERS, resources: bodies })));
    expect(resources.map(({ name }) => name)).toEqual(["Cluster", "Cluster#2", "Cluster#3", "Cluster#4"]);
  });

  test("without any name is told by its message and its place", () => {
    const config = any("type.googleapis.com/istio.mesh.v1alpha1.MeshConfig");
    const url = "core/v1alpha1/MeshConfig";
    const asking = client({ mode: "state", typeUrls: [url] });
    const { resources } = changeOf(asking.receive(state({ typeUrl: url, resources: [config, config] })));
    expect(resources.map(({ name }) => name)).toEqual(["MeshConfig", "MeshConfig#2"]);
  });

  test("with a time to live is read like any other, and a heartbeat of it changes nothing", () => {
    const timed = toBinary(
      TimedSchema,
      create(TimedSchema, { name: "a/b", version: "1", resource: wrapped("a/b", "1") }),
    );
    const asking = client({ mode: "state" });
    const content = any(`type.googleapis.com/${TimedSchema.typeName}`, timed);
    expect(changeOf(asking.receive(state({ resources: [content] }))).resources[0]).toMatchObject({ name: "a/b" });
    const deltas = client({ held: new Map([[GATEWAYS, new Map([["a/b", "1"]])]]) });
    const heartbeat = create(TimedSchema, { name: "a/b", version: "1" });
    expect(changeOf(deltas.receive(delta({ resources: [heartbeat] }))).resources).toEqual([]);
  });
});

describe("a response is refused, with the resource and the reason,", () => {
  test.each([
    [
      "whose wrapper is none",
      any("type.googleapis.com/istio.mcp.v1alpha1.Resource", Uint8Array.of(255)),
      /^element 1: it does not decode as istio\.mcp/u,
    ],
    ["that has no name", wrapped("", "1"), /^element 1: it has no name/u],
    ["that has no body", wrapped("a/b", "1", null), /^a\/b: it has no body/u],
    [
      "of another kind",
      wrapped("a/b", "1", any("type.googleapis.com/istio.networking.v1alpha3.Sidecar")),
      /^a\/b: its body is istio\.networking\.v1alpha3\.Sidecar, not istio\.networking\.v1alpha3\.Gateway$/u,
    ],
    [
      "that is cut off",
      wrapped("a/b", "1", any(GATEWAY, Uint8Array.of(10, 99))),
      /^a\/b: it does not decode as istio\.networking\.v1alpha3\.Gateway: /u,
    ],
    [
      "that is not wrapped and no Gateway",
      any(CLUSTERS),
      /^element 1: its body is envoy\.config\.cluster\.v3\.Cluster, not istio/u,
    ],
  ])("for a resource %s", (_, content, reason) => {
    const bytes = state({ nonce: "n", resources: [content] });
    const received = client({ mode: "state" }).receive(bytes);
    expect(received).toMatchObject({ kind: "refused", typeUrl: GATEWAYS, nonce: "n", refusal: { code: 3 } });
    expect(refusalOf(received)).toMatch(reason);
  });

  test("for a resource under another name than its own, or that is not there", () => {
    const other = resource("a/c", "1", wrapped("a/b", "1"));
    expect(refusalOf(client().receive(delta({ resources: [other] })))).toBe('a/b: it is sent under the name "a/c"');
    const absent = create(TimedSchema, { name: "a/b", version: "1" });
    expect(refusalOf(client().receive(delta({ resources: [absent] })))).toBe("a/b: it is missing");
  });

  test("as a whole, however many of its resources are good, in few words", () => {
    const resources = [wrapped("a/b", "1"), wrapped("x".repeat(5000), "1", any("no type"))];
    const received = client({ mode: "state" }).receive(state({ resources }));
    expect(refusalOf(received).length).toBeLessThan(2100);
  });
});

test("what was not asked for is not to be answered, and what is no response is told from it", () => {
  expect(client().receive(delta({ typeUrl: ENTRIES }))).toEqual({ kind: "unasked", typeUrl: ENTRIES });
  expect(client().receive(Uint8Array.of(255))).toEqual({ kind: "garbage" });
  const change: XdsChange = { typeUrl: ENTRIES, version: "", incremental: false, resources: [], removed: [] };
  expect(() => client().ack(change, "1")).toThrow("was not asked for");
});
