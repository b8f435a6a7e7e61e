import { fromBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import type { Nonce } from "../distribution/subscription.ts";
import type { Collection, ResourceName, ResourceVersion } from "../model/names.ts";
import { ManualClock } from "../lib/manual-clock.ts";
import { Turns } from "../lib/turns.ts";
import { istioCollections } from "../model/registry.ts";
import type { Resource } from "../model/resource.ts";
import { deltaTo } from "../snapshot/delta.ts";
import { Hub } from "../snapshot/hub.ts";
import { Table } from "../snapshot/table.ts";
import { stringField } from "../wire/fields.ts";
import {
  DeltaDiscoveryResponseSchema,
  DiscoveryResponseSchema,
} from "../wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { XdsFeeds } from "./feeds/feeds.ts";
import { loadRules } from "./feeds/rules.ts";
import { decodeRequest } from "./request.ts";
import { ResponseEncoder } from "./response.ts";

await loadRules();

// Bytes worked out by hand from the field numbers of the discovery messages and of MCP.

const ENTRIES = "istio/networking/v1alpha3/serviceentries" as Collection;
const V1 = "networking.istio.io/v1/ServiceEntry";
const V1_HEX = "22236e6574776f726b696e672e697374696f2e696f2f76312f53657276696365456e747279";
const nonce = "n1" as Nonce;

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
const hex = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString("hex");

/** ServiceEntry default/ext-a at version 7: host a.example.com, port 80, HTTP, resolved by DNS. */
const oneEntry =
  "12b0010a2f747970652e676f6f676c65617069732e636f6d2f697374696f2e6d63702e7631616c706861312e5265736f75726365127d0a1a0a0d" +
  "64656661756c742f6578742d6112060880e2cfaa061a0137125f0a3a747970652e676f6f676c65617069732e636f6d2f697374696f2e6e657477" +
  "6f726b696e672e7631616c706861332e53657276696365456e74727912210a0d612e6578616d706c652e636f6d1a0e08501204485454501a0468" +
  "7474702802";

const entry: Resource = {
  collection: ENTRIES,
  name: "default/ext-a" as ResourceName,
  version: "7" as ResourceVersion,
  legacy: undefined,
  current: fromBinary(DiscoveryResponseSchema, bytes(oneEntry)).resources[0]!.value,
  origin: { describe: () => "" },
};

function setUp(...resources: readonly Resource[]) {
  const hub = new Hub(() => "default");
  const table = Table.of(resources);
  hub.publish("default", new Map([[ENTRIES, table]]));
  const feeds = new XdsFeeds({
    hub,
    registry: istioCollections(),
    turns: new Turns(new ManualClock()),
    report: () => undefined,
  });
  const feed = (url: string) => feeds.feed(url, { revision: "", isIstiod: true })!;
  return { encoder: new ResponseEncoder(), table, feed };
}

const versionOf = (table: Table): string => hex([stringField(1, table.version)]);

test("istiod's request for a kind is read: no node, and a nonce that it made up", () => {
  const made =
    "2a36323032362d30382d32322031353a30303a31382e303030303030303031202b3030303020555443206d3d2b312e303030303030303031";
  expect(decodeRequest(bytes(V1_HEX + made))).toEqual({
    node: undefined,
    typeUrl: V1,
    names: [],
    nonce: "2026-08-22 15:00:18.000000001 +0000 UTC m=+1.000000001",
    error: undefined,
  });
});

test("a type without resources is answered with version, URL and nonce", () => {
  const { encoder, table, feed } = setUp();
  const pieces = encoder.encodeState(feed(V1), { kind: "full", nonce, table });
  expect(hex(pieces)).toBe(`0a0130${V1_HEX}2a026e31`);
});

test("a resource is answered as an mcp.Resource in an Any", () => {
  const { encoder, table, feed } = setUp(entry);
  const pieces = encoder.encodeState(feed(V1), { kind: "full", nonce, table });
  expect(hex(pieces)).toBe(`${versionOf(table)}${oneEntry}${V1_HEX}2a026e31`);
});

test("the resources are the same bytes under every URL and nonce", () => {
  const { encoder, table, feed } = setUp(entry);
  const [, first] = encoder.encodeState(feed(V1), { kind: "full", nonce, table });
  const other = feed("networking.istio.io/v1alpha3/ServiceEntry");
  const [, second] = encoder.encodeState(other, { kind: "full", nonce: "2" as Nonce, table });
  expect(second).toBe(first);
});

test("a version that differs in one resource shares all pieces but one with the one before", () => {
  const many = Array.from({ length: 1000 }, (_, n) => ({ ...entry, name: `default/n${1000 + n}` as ResourceName }));
  const { encoder, table, feed } = setUp(...many);
  const changed = { ...many[500]!, version: "8" as ResourceVersion };
  const later = table.with([{ name: changed.name, resource: changed }]);
  const before = new Set(encoder.encodeState(feed(V1), { kind: "full", nonce, table }));
  const after = encoder.encodeState(feed(V1), { kind: "full", nonce, table: later });
  expect(before.size).toBeGreaterThan(8);
  // The version, the chunk that changed, and the URL with the nonce.
  expect(after.filter((piece) => !before.has(piece)).length).toBe(3);
});

test("a delta names what changed with its version, and what is gone", () => {
  const { encoder, table, feed } = setUp(entry);
  const held = new Map([["default/old" as ResourceName, "1" as ResourceVersion]]);
  const delta = deltaTo(held, table);
  const pieces = encoder.encodeDelta(feed(V1), { kind: "delta", nonce, table, delta });
  const decoded = fromBinary(DeltaDiscoveryResponseSchema, Buffer.concat(pieces));
  expect(decoded).toMatchObject({
    systemVersionInfo: table.version,
    typeUrl: V1,
    nonce: "n1",
    removedResources: ["default/old"],
    resources: [{ name: "default/ext-a", version: "7", resource: { value: entry.current } }],
  });
});
