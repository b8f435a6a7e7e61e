import { toBinary, create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  DeltaDiscoveryRequestSchema,
  DiscoveryRequestSchema,
} from "../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { DeltaClient, node, SotwClient } from "../support/xds-client.ts";
import { ENTRIES, entry } from "../support/xds-content.ts";
import { XdsServer } from "../support/xds-server.ts";

// Whatever a client says, it gets a verdict, and nobody else is any the worse for it.

const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;

let server: XdsServer;
let bystander: SotwClient;

beforeAll(async () => {
  server = await XdsServer.start();
  server.publish(entry("a/1", "one"));
  bystander = new SotwClient(server.address);
});

afterAll(async () => {
  bystander[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

let questions = 0;

/** Somebody else is served all the while, on a stream that stays. */
async function othersAreServed(): Promise<void> {
  const typeUrl = `test.example/v1/Question${++questions % 50}`;
  if (questions <= 50) {
    bystander.subscribe(typeUrl);
    expect((await bystander.next()).typeUrl).toBe(typeUrl);
  }
  using fresh = new SotwClient(server.address);
  fresh.subscribe(ENTRIES);
  expect((await fresh.next()).resources).toHaveLength(1);
  expect(bystander.status).toBeUndefined();
}

const protocols = [
  ["the state of the world", () => new SotwClient(server.address)],
  ["deltas", () => new DeltaClient(server.address)],
] as const;

/** A node whose metadata are nested so deep. */
function nested(depth: number): Uint8Array {
  const pieces: Uint8Array[] = [Buffer.from([0x1a, 0x00])];
  let length = 2;
  for (let i = 0; i < 2 * depth; i++) {
    // A list in a value, a value in a list; written from within, and turned round at the end.
    const head = headOf(i % 2 === 0 ? 1 : 6, length);
    pieces.push(head);
    length += head.length;
  }
  const value = Buffer.concat(pieces.reverse());
  const entryOfMap = Buffer.concat([field(1, Buffer.from("k")), field(2, value)]);
  return Buffer.concat([field(1, Buffer.from("client")), field(3, field(1, entryOfMap))]);
}

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([headOf(number, bytes.length), bytes]);
}

/** Tag and length of a field. */
function headOf(number: number, size: number): Buffer {
  const head = [(number << 3) | 2];
  for (let rest = size; ; rest >>>= 7) {
    head.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) return Buffer.from(head);
  }
}

describe.each(protocols)("a client of %s", (name, open) => {
  const nodeField = name === "deltas" ? 1 : 2;

  test.each([
    ["garbage", Buffer.from("ffffffff", "hex")],
    ["half a request", Buffer.from("22ff01", "hex")],
    ["a text that is no UTF-8", Buffer.from("2202c328", "hex")],
  ])("that sends %s is let go, alone", async (_, bytes) => {
    using client = open();
    client.sendBytes(bytes);
    expect([INVALID_ARGUMENT, INTERNAL]).toContain((await client.ended()).code);
    await othersAreServed();
  });

  test("that sends nothing in its first request is let go for want of a node", async () => {
    using client = open();
    client.sendBytes(new Uint8Array(0));
    expect((await client.ended()).code).toBe(INVALID_ARGUMENT);
  });

  test("that sends more than a request may be is let go, alone", async () => {
    using client = open();
    client.sendBytes(Buffer.alloc(80 << 20));
    expect((await client.ended()).code).toBe(RESOURCE_EXHAUSTED);
    await othersAreServed();
  });

  test.each([50, 1_000, 100_000])("whose node is nested %d deep gets a verdict", async (depth) => {
    using client = open();
    const typeUrl = field(name === "deltas" ? 2 : 4, Buffer.from(ENTRIES));
    client.sendBytes(Buffer.concat([field(nodeField, nested(depth)), typeUrl]));
    await client.until(() => client.unread > 0 || client.status !== undefined);
    if (client.status !== undefined)
      expect([INVALID_ARGUMENT, INTERNAL, RESOURCE_EXHAUSTED]).toContain(client.status.code);
    await othersAreServed();
  });

  test("whose type URL is very long is answered or let go", async () => {
    using client = open();
    client.subscribe("x".repeat(500_000));
    await client.until(() => client.unread > 0 || client.status !== undefined);
    if (client.status !== undefined) expect([INVALID_ARGUMENT, RESOURCE_EXHAUSTED]).toContain(client.status.code);
    await othersAreServed();
  });

  test("that asks for very many types is answered or let go", async () => {
    using client = open();
    for (let i = 0; i < 5_000; i++) client.subscribe(`test.example/v1/Type${i}`);
    await client.until(() => client.unread === 5_000 || client.status !== undefined);
    if (client.status !== undefined) expect([INVALID_ARGUMENT, RESOURCE_EXHAUSTED]).toContain(client.status.code);
    await othersAreServed();
  });

  test("that says anything at all gets a verdict", { timeout: 60_000 }, async () => {
    const text = fc.oneof(
      fc.constantFrom("", ENTRIES, "*", "a/1", "core/v1alpha1/MeshConfig", "networking.istio.io/v1/Gateway"),
      fc.string({ maxLength: 30 }),
    );
    const texts = fc.array(text, { maxLength: 4 });
    const error = fc.option(fc.record({ code: fc.integer({ min: -5, max: 20 }), message: fc.string() }), {
      nil: undefined,
    });
    const map = fc.array(fc.tuple(text, text), { maxLength: 4 });
    const request = fc
      .record({ a: texts, b: texts, typeUrl: text, nonce: text, error, map, hasNode: fc.boolean() })
      .map(({ a, b, typeUrl, nonce, error, map, hasNode }) => {
        const more = { ...(hasNode && { node }), ...(error && { errorDetail: error }), typeUrl, responseNonce: nonce };
        return name === "deltas"
          ? toBinary(
              DeltaDiscoveryRequestSchema,
              create(DeltaDiscoveryRequestSchema, {
                ...more,
                resourceNamesSubscribe: a,
                resourceNamesUnsubscribe: b,
                initialResourceVersions: Object.fromEntries(map),
              }),
            )
          : toBinary(
              DiscoveryRequestSchema,
              create(DiscoveryRequestSchema, { ...more, resourceNames: a, versionInfo: nonce }),
            );
      });
    const spoiledRequest = fc
      .tuple(request, fc.nat(), fc.nat({ max: 255 }))
      .map(([bytes, at, value]) => (bytes.length === 0 ? bytes : Buffer.from(bytes.with(at % bytes.length, value))));
    const requests = fc.array(fc.oneof({ weight: 9, arbitrary: request }, spoiledRequest), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(requests, async (sent) => {
        using client = open();
        client.subscribe(ENTRIES);
        for (const bytes of sent) client.sendBytes(bytes);
        client.halfClose();
        await client.ended();
      }),
      { numRuns: 150 },
    );
    await othersAreServed();
  });
});
