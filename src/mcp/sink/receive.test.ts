import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ResourcesSchema } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { GatewaySchema } from "../../wire/gen/istio13/networking/v1alpha3/gateway_pb.ts";
import { VirtualServiceSchema } from "../../wire/gen/istio13/networking/v1alpha3/virtual_service_pb.ts";
import { istioBodies } from "./bodies.ts";
import type { Change } from "../../model/received/change.ts";
import { receive, type Received } from "./receive.ts";

const GATEWAYS = "istio/networking/v1alpha3/gateways";
const bodies = istioBodies();
const value = toBinary(GatewaySchema, create(GatewaySchema, { selector: { istio: "ingressgateway" } }));
const body = { typeUrl: "type.googleapis.com/istio.networking.v1alpha3.Gateway", value };

function encode(message: MessageInitShape<typeof ResourcesSchema>): Uint8Array {
  return toBinary(ResourcesSchema, create(ResourcesSchema, message));
}

function take(message: MessageInitShape<typeof ResourcesSchema>, incremental = false): Received {
  return receive(
    encode(message),
    (collection) => (collection === GATEWAYS ? { collection, incremental } : undefined),
    bodies,
  );
}

function changeOf(received: Received): Change {
  if (received.kind !== "change") throw new Error(`not a change: ${JSON.stringify(received)}`);
  return received.change;
}

test("a push becomes a change with the bodies as bytes, JSON and messages", () => {
  const metadata = {
    name: "ns/a",
    version: "7",
    createTime: { seconds: 1514772184n, nanos: 500_000_000 },
    labels: { l: "1" },
  };
  const received = take({ collection: GATEWAYS, systemVersionInfo: "12", nonce: "1", resources: [{ metadata, body }] });
  expect(received).toMatchObject({ kind: "change", nonce: "1" });
  const change = changeOf(received);
  expect(change).toMatchObject({ collection: GATEWAYS, version: "12", incremental: false, removed: [] });
  const [resource] = change.resources;
  expect(resource).toMatchObject({
    name: "ns/a",
    version: "7",
    createdAt: 1514772184.5,
    labels: { l: "1" },
    annotations: {},
  });
  expect(Buffer.from(resource!.bytes)).toEqual(Buffer.from(value));
  expect(resource!.body()).toEqual({ selector: { istio: "ingressgateway" } });
  expect(resource!.decode(GatewaySchema).selector).toEqual({ istio: "ingressgateway" });
});

test("a body decodes as its own message only", () => {
  const [resource] = changeOf(
    take({ collection: GATEWAYS, resources: [{ metadata: { name: "ns/a" }, body }] }),
  ).resources;
  expect(() => resource!.decode(VirtualServiceSchema)).toThrow(
    "ns/a is a istio.networking.v1alpha3.Gateway, not a istio.networking.v1alpha3.VirtualService",
  );
});

test("the bodies of a delta don't keep its message in memory", () => {
  const message = { collection: GATEWAYS, resources: [{ metadata: { name: "a" }, body }] };
  const bytesOf = (received: Received): Uint8Array => changeOf(received).resources[0]!.bytes;
  expect(bytesOf(take({ ...message, incremental: true }, true)).buffer.byteLength).toBe(value.length);
  expect(bytesOf(take(message)).buffer.byteLength).toBeGreaterThan(value.length);
});

test.each([
  ["the first year", -62_135_596_800n, -62_135_596_800],
  ["the last second of 9999", 253_402_300_799n, 253_402_300_799],
  ["the year 0", -62_135_596_801n, undefined],
  ["the year 10000", 253_402_300_800n, undefined],
  ["far off", 2n ** 62n, undefined],
])("a creation time in %s is read as %s", (_when, seconds, createdAt) => {
  const metadata = { name: "a", createTime: { seconds } };
  expect(changeOf(take({ collection: GATEWAYS, resources: [{ metadata, body }] })).resources[0]?.createdAt).toBe(
    createdAt,
  );
});

test("one bad resource refuses the whole push and is named", () => {
  const bad = { metadata: { name: "ns/bad" }, body: { ...body, value: Uint8Array.of(0x0a, 0x7f) } };
  const received = take({ collection: GATEWAYS, nonce: "9", resources: [{ metadata: { name: "ns/a" }, body }, bad] });
  expect(received).toMatchObject({
    kind: "refused",
    message: { collection: GATEWAYS, nonce: "9" },
    refusal: { code: 2 },
  });
  expect(received.kind === "refused" && received.refusal.message).toMatch(/^ns\/bad: the body does not decode as /);
});

test("whatever bytes come, there is a verdict", () => {
  const mutated = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })).map(([at, byte]) => {
    const bytes = encode({ collection: GATEWAYS, nonce: "1", resources: [{ metadata: { name: "a" }, body }] });
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), mutated), (bytes) => {
      const received = receive(bytes, (collection) => ({ collection, incremental: true }), bodies);
      expect(["change", "refused", "garbage"]).toContain(received.kind);
    }),
    { numRuns: 1000 },
  );
});

test("a body nested too deep is refused", () => {
  // A google.protobuf.Struct within a Struct within …: field 1 of the outer holds the entry of the inner.
  let nested = new Uint8Array();
  for (let depth = 0; depth < 500; depth++) nested = wrap(wrap(wrap(wrap(nested, 5), 2), 1), 0);
  const collection = "istio/config/v1alpha2/adapters";
  const bytes = encode({
    collection,
    nonce: "1",
    resources: [
      { metadata: { name: "a" }, body: { typeUrl: "type.googleapis.com/google.protobuf.Struct", value: nested } },
    ],
  });
  const received = receive(bytes, () => ({ collection, incremental: false }), bodies);
  expect(received).toMatchObject({ kind: "refused", refusal: { code: 2 } });
});

/** The bytes as a length-delimited field; number 0 leaves them as they are. */
function wrap(bytes: Uint8Array<ArrayBuffer>, number: number): Uint8Array<ArrayBuffer> {
  if (number === 0) return bytes;
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  const whole = new Uint8Array(1 + length.length + bytes.length);
  whole.set([(number << 3) | 2, ...length]);
  whole.set(bytes, 1 + length.length);
  return whole;
}
