import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { once } from "node:events";
import { constants } from "node:http2";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { FrameReader, frameMessage } from "../../src/grpc/frame.ts";
import { listen } from "../../src/grpc/server.ts";
import { PlainClient } from "../../src/grpc/testing/harness.ts";
import {
  frameTypes,
  preface,
  RawClient,
  rawFrame,
  rawHeaders,
  callHeaders,
} from "../../src/grpc/testing/raw-client.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { SOURCE_STREAM } from "../../src/mcp/protocol.ts";
import {
  RequestResourcesSchema,
  type Resources,
  ResourcesSchema,
} from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { RawSink, versions } from "../support/raw-sink.ts";
import { A, B, C, TestServer } from "../support/test-server.ts";

// One server for all. After each fault it has to be as it was before, and serve the sink that did no wrong.

let server: TestServer;
let port: number;
let healthy: RawSink;
let round = 0;

beforeAll(async () => {
  server = await TestServer.start();
  port = Number(server.address.split(":")[1]);
  healthy = new RawSink(server.address);
  server.publish(small());
  healthy.send({ collection: A });
  healthy.ack(await healthy.next());
});

afterAll(async () => {
  healthy[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** Clients without manners that a test made. */
let rude: RawClient[] = [];

afterEach(async () => {
  for (const client of rude) client.socket.destroy();
  rude = [];
  await holds(() => server.grpc.connections === 1 && server.grpc.streams === 1 && server.service.sinkCount === 1);
  expect([A, B, C].map((collection) => server.hub.watchers(collection))).toEqual([1, 0, 0]);
  server.publish(small());
  await healthyHas(String(round));
});

function small(): Record<string, Record<string, string>> {
  round++;
  return { [A]: { a: String(round) }, [B]: {}, [C]: {} };
}

/** 100 KB a collection: more than a stream's first window, so that a sink that does not read blocks the server. */
function large(): Record<string, Record<string, string>> {
  round++;
  const names = Array.from({ length: 100 }, (_, i) => [`r${i}`, `${round} ${"x".repeat(1000)}`]);
  return { [A]: { a: String(round) }, [B]: Object.fromEntries(names), [C]: Object.fromEntries(names) };
}

/** Takes pushes until it has that version of the one resource. */
async function healthyHas(version: string): Promise<void> {
  for (;;) {
    const push = await healthy.next();
    healthy.ack(push);
    if (versions(push)["a"] === version) return;
  }
}

/** Resolves when the condition holds; what it asks about has no event of its own. */
async function holds(condition: () => boolean): Promise<void> {
  const limitMs = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > limitMs) throw new Error(`it never came about that ${condition.toString()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function connectRudely(to: number = port): RawClient {
  const client = new RawClient(to);
  rude.push(client);
  return client;
}

function request(fields: { collection: string; responseNonce?: string }): Buffer {
  const message = toBinary(RequestResourcesSchema, create(RequestResourcesSchema, fields));
  return Buffer.concat(frameMessage([message]));
}

const endOfStream = 1;

function data(streamId: number, payload: Uint8Array, flags = 0): Buffer {
  return rawFrame(frameTypes.data, flags, streamId, payload);
}

/** A client without manners that has subscribed on stream 1 and reads nothing beyond the first window. */
async function rudeSink(collection: string, to?: number): Promise<RawClient> {
  const client = connectRudely(to);
  client.begin();
  client.acceptSettings();
  client.call(1, SOURCE_STREAM);
  client.send(data(1, request({ collection })));
  await client.until(() => client.of(frameTypes.data).length > 0);
  return client;
}

/** The pushes that a stream of such a client has got whole. */
function pushesTo(client: RawClient, streamId: number): Resources[] {
  const reader = new FrameReader(2 ** 31);
  const found: Resources[] = [];
  for (const frame of client.of(frameTypes.data)) {
    if (frame.streamId !== streamId) continue;
    reader.push(frame.payload);
    for (let next = reader.next(); next?.kind === "message"; next = reader.next()) {
      found.push(fromBinary(ResourcesSchema, next.bytes));
    }
  }
  return found;
}

/** Lets the server send a gigabyte more, on the connection (stream 0) or on a stream. */
function allow(client: RawClient, streamId: number): void {
  client.send(rawFrame(frameTypes.windowUpdate, 0, streamId, Buffer.from([0x40, 0, 0, 0])));
}

async function left(client: RawClient): Promise<void> {
  await client.until(() => client.closed);
}

describe("a connection that does not begin with HTTP/2", () => {
  test.each([
    ["bytes of no protocol", Buffer.from("\0\x01\x02\xff\xfe".repeat(2000), "latin1")],
    ["a TLS hello", Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3])],
    ["a preface that goes wrong", Buffer.from("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n")],
    ["a preface without the settings that must follow", Buffer.concat([preface, Buffer.alloc(100, 0x41)])],
  ])("is closed: %s", async (_, bytes) => {
    const client = connectRudely();
    client.send(bytes);
    await left(client);
    expect(client.of(frameTypes.data)).toEqual([]);
  });

  test("but with HTTP/1.1 is told what this port is", async () => {
    const client = connectRudely();
    let answer = "";
    client.socket.on("data", (bytes: Buffer) => (answer += bytes.toString("latin1")));
    client.send(Buffer.from("GET /metrics HTTP/1.1\r\nhost: galley\r\n\r\n"));
    await left(client);
    expect(answer).toMatch(/^HTTP\/1\.1 505 .*This port serves gRPC over HTTP\/2/s);
  });

  test("and leaves at once, or in the middle of the preface, leaves nothing behind", async () => {
    for (const bytes of [Buffer.alloc(0), preface.subarray(0, 3), preface.subarray(0, 20)]) {
      const client = connectRudely();
      await once(client.socket, "connect");
      client.socket.end(bytes);
      await left(client);
    }
  });
});

describe("frames of HTTP/2 that break its rules end the connection and its stream", () => {
  const { data: DATA, headers: HEADERS, rstStream, settings, windowUpdate } = frameTypes;
  const pushPromise = 5;
  test.each([
    ["noise", Buffer.from("\x01\x02\x03".repeat(3000), "latin1")],
    ["data on no stream", rawFrame(DATA, 0, 0, Buffer.from("x"))],
    ["data on a stream that was never opened", rawFrame(DATA, 0, 7, Buffer.from("x"))],
    ["a frame beyond the size that was agreed", rawFrame(DATA, 0, 1, Buffer.alloc(70_000))],
    ["headers that are no HPACK", rawFrame(HEADERS, 4, 3, Buffer.alloc(50, 0xff))],
    ["headers without the end that must follow", Buffer.concat([rawFrame(HEADERS, 0, 3), rawFrame(DATA, 0, 1)])],
    ["headers on a stream of the server's", rawFrame(HEADERS, 4, 2, rawHeaders(callHeaders(SOURCE_STREAM)))],
    ["a push promise", rawFrame(pushPromise, 4, 1, Buffer.from([0, 0, 0, 2]))],
    ["settings of half a setting", rawFrame(settings, 0, 0, Buffer.alloc(5))],
    ["settings with an impossible window", rawFrame(settings, 0, 0, Buffer.from([0, 4, 255, 255, 255, 255]))],
    ["a window beyond any", rawFrame(windowUpdate, 0, 0, Buffer.from([0x7f, 255, 255, 255]))],
    ["a reset of no stream", rawFrame(rstStream, 0, 0, Buffer.alloc(4))],
  ])("%s", async (_, bytes) => {
    await onSlowClock(async (clock, slowPort, connections) => {
      const client = await rudeSink(A, slowPort);
      expect(server.hub.watchers(A)).toBe(2);
      client.send(bytes);
      await client.until(() => client.closed || client.of(frameTypes.goaway).length > 0);
      // Node reads no more from such a connection, not even its end: what is left is to find that it is silent.
      await pass(clock, 70_000);
      expect([connections(), server.hub.watchers(A)]).toEqual([0, 1]);
      await left(client);
    });
  });

  test("but a frame of a kind that is not known does no harm", async () => {
    const client = await rudeSink(A);
    client.send(rawFrame(0xee, 0xff, 1, Buffer.alloc(100)), rawFrame(0xee, 0, 0));
    await client.roundTrip();
    expect(client.closed).toBe(false);
    expect(server.service.sinkCount).toBe(2);
  });
});

describe("bytes on a stream that are no requests end that stream alone", () => {
  const ask = request({ collection: A });
  test.each([
    ["a message flagged as compressed, without a word on how", [1, 0, 0, 0, 1, 0], {}, 13, "names no compression"],
    ["a message compressed with gzip", [1, 0, 0, 0, 1, 0], { "grpc-encoding": "gzip" }, 12, "gzip"],
    ["a flag that is none", [7, 0, 0, 0, 0], {}, 13, "flag 7"],
    ["a message one byte too long, which never comes", [0, 0, 0x10, 0, 1], {}, 8, "1048577"],
    ["a message of four gigabytes", [0, 255, 255, 255, 255], {}, 8, "4294967295"],
    ["a message of no bytes, which asks for nothing", [0, 0, 0, 0, 0], {}, 3, 'unsupported collection ""'],
    ["a request for what is not served", request({ collection: "no/such" }), {}, 3, '"no/such"'],
    ["a message that is not protobuf", [0, 0, 0, 0, 2, 0x12, 0xff], {}, 13, "RequestResources"],
  ])("%s", async (_, bytes, headers, code, words) => {
    await using client = new PlainClient(port);
    const neighbour = client.call(SOURCE_STREAM);
    neighbour.stream.write(ask);
    await neighbour.until(() => neighbour.messages.length === 1);
    const call = client.call(SOURCE_STREAM, headers);
    call.stream.write(Buffer.from(bytes));
    const status = await call.status();
    expect(status.code).toBe(code);
    expect(status.message).toContain(words);
    expect(neighbour.closed).toBe(false);
    expect(server.service.sinkCount).toBe(2);
  });

  test.each([
    ["nothing", 0, 0, ""],
    ["a part of the prefix", 3, 13, "in the middle of a message"],
    ["the prefix", 5, 13, "in the middle of a message"],
    ["all but a byte", ask.length - 1, 13, "in the middle of a message"],
  ])("a request that ends after %s", async (_, length, code, words) => {
    await using client = new PlainClient(port);
    const call = client.call(SOURCE_STREAM);
    call.stream.end(ask.subarray(0, length));
    expect(await call.status()).toEqual({ code, message: expect.stringContaining(words) as string });
  });

  test("whatever the bytes of a message, it has a verdict", async () => {
    await using client = new PlainClient(port);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const call = client.call(SOURCE_STREAM);
        call.send(bytes);
        call.stream.end();
        expect([3, 13]).toContain((await call.status()).code);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ["an unknown method", "/istio.mcp.v1alpha1.ResourceSource/Other", {}, "12", 'unknown method "Other"'],
    ["an unknown service", "/istio.mcp.v1alpha1.ResourceSink/EstablishResourceStream", {}, "12", "unknown service"],
    ["a path of one part", "/nonsense", {}, "12", "malformed method name"],
  ])("%s is UNIMPLEMENTED", async (_, path, headers, code, words) => {
    await using client = new PlainClient(port);
    const call = client.call(path, headers);
    const status = await call.status();
    expect([String(status.code), status.message]).toEqual([code, expect.stringContaining(words)]);
  });

  test.each([
    ["a wrong content type", { "content-type": "application/json" }, 415],
    ["no content type", { "content-type": undefined }, 415],
    ["gRPC-Web", { "content-type": "application/grpc-web" }, 415],
    ["a GET", { ":method": "GET" }, 405],
  ])("%s is answered over HTTP", async (_, headers, httpStatus) => {
    await using client = new PlainClient(port);
    const call = client.call(SOURCE_STREAM, headers);
    await call.until(() => call.closed);
    expect(call.headers?.[":status"]).toBe(httpStatus);
  });
});

describe("many small things", () => {
  test("a request that comes byte by byte, in thousands of frames, is served", async () => {
    const client = connectRudely();
    client.begin();
    client.call(1, SOURCE_STREAM);
    const bytes = request({ collection: A, responseNonce: "n".repeat(5000) }); // a stale answer
    const all = Buffer.concat([bytes, request({ collection: A })]);
    for (const byte of all) client.send(data(1, Buffer.of(byte)));
    await client.until(() => pushesTo(client, 1).length === 1);
  });

  test("twenty thousand empty frames do no harm", async () => {
    const client = await rudeSink(A);
    const empty = Buffer.concat(Array.from({ length: 1000 }, () => data(1, Buffer.alloc(0))));
    for (let i = 0; i < 20; i++) client.send(empty);
    await client.roundTrip();
  });

  test("ten thousand stale answers in one write have no effect, and what is asked behind them is answered", async () => {
    await using client = new PlainClient(port);
    const call = client.call(SOURCE_STREAM);
    const stale = request({ collection: B, responseNonce: "stale" });
    call.stream.write(Buffer.concat([...Array.from({ length: 10_000 }, () => stale), request({ collection: A })]));
    await call.until(() => call.messages.length === 1);
    expect(fromBinary(ResourcesSchema, call.messages[0]!).collection).toBe(A);
    expect(server.hub.watchers(B)).toBe(0);
  });

  test.each([
    ["at a pace that we count", 50],
    ["faster than that", 4000],
  ])("streams opened and reset in a row, %s, end the connection and those that stayed open", async (_, atOnce) => {
    const client = connectRudely();
    client.begin();
    client.acceptSettings();
    const cancel = rawFrame(frameTypes.rstStream, 0, 0, Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]));
    const open = [1, 3, 5, 7, 9];
    for (const id of open) {
      client.call(id, SOURCE_STREAM);
      client.send(data(id, request({ collection: A })));
    }
    await client.until(() => client.of(frameTypes.data).length === open.length);
    for (let id = 11; id < 8000 && !client.closed; id += 2) {
      client.call(id, SOURCE_STREAM);
      cancel.writeUInt32BE(id, 5);
      client.send(cancel);
      if (id % atOnce === 1) await client.roundTrip();
    }
    await client.until(() => client.closed || client.of(frameTypes.goaway).length > 0);
  });

  test("beyond 1024 streams on a connection further ones are refused, and all others are served", async () => {
    const client = connectRudely();
    client.begin(); // and nothing to say that it knows of the limit
    allow(client, 0);
    const ids = Array.from({ length: 1100 }, (_, i) => 2 * i + 1);
    for (const id of ids) {
      client.call(id, SOURCE_STREAM);
      client.send(data(id, request({ collection: A })));
    }
    const refused = (): readonly number[] => client.of(frameTypes.rstStream).map(({ streamId }) => streamId);
    await client.until(() => refused().length === 1100 - 1024);
    expect(refused()).toEqual(ids.slice(1024));
    await client.until(() => new Set(client.of(frameTypes.data).map(({ streamId }) => streamId)).size === 1024);
    expect(server.hub.watchers(A)).toBe(1025);
  });

  test("a client that goes beyond the limit although it knows of it loses its connection", async () => {
    const client = connectRudely();
    client.begin();
    client.acceptSettings();
    await client.roundTrip();
    for (let id = 1; id <= 2 * 1024 + 1; id += 2) client.call(id, SOURCE_STREAM);
    await left(client);
  });
});

describe("a sink that breaks off", () => {
  test.each([
    ["cancels", constants.NGHTTP2_CANCEL],
    ["says that there was an error", constants.NGHTTP2_PROTOCOL_ERROR],
    ["gives a code that is none", 0xdead],
  ])("in the middle of a push, and %s, is forgotten while its connection goes on", async (_, code) => {
    server.publish(large());
    const client = await rudeSink(B);
    expect(server.hub.watchers(B)).toBe(1);
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    client.send(rawFrame(frameTypes.rstStream, 0, 1, payload));
    await holds(() => server.hub.watchers(B) === 0);
    allow(client, 0);
    client.call(3, SOURCE_STREAM);
    client.send(data(3, request({ collection: A })));
    await client.until(() => pushesTo(client, 3).length === 1);
  });

  test("by losing its connection in the middle of a push, or of a request, is forgotten", async () => {
    server.publish(large());
    const reading = await rudeSink(B);
    const writing = await rudeSink(A);
    writing.send(data(1, request({ collection: B }).subarray(0, 20)));
    await writing.roundTrip();
    expect(server.service.sinkCount).toBe(3);
    reading.socket.resetAndDestroy();
    writing.socket.resetAndDestroy();
  });

  test("by half-closing while it is sent a push still gets all of that push, and what is due besides", async () => {
    server.publish(large());
    const client = await rudeSink(B);
    client.send(data(1, request({ collection: C })), data(1, Buffer.alloc(0), endOfStream));
    await holds(() => server.hub.watchers(C) === 1);
    allow(client, 0);
    allow(client, 1);
    await client.until(() => client.of(frameTypes.headers).some(({ flags }) => (flags & endOfStream) !== 0));
    expect(pushesTo(client, 1).map(({ collection, resources }) => [collection, resources.length])).toEqual([
      [B, 100],
      [C, 100],
    ]);
    await holds(() => server.service.sinkCount === 1);
  });
});

describe("a sink that does not read", () => {
  test("is sent, after a hundred snapshots, what was under way and then the newest, of each collection", async () => {
    server.publish(large());
    const client = await rudeSink(B);
    client.send(data(1, request({ collection: C })), data(1, request({ collection: A })));
    await holds(() => server.hub.watchers(C) === 1 && server.hub.watchers(A) === 2);
    const first = round;
    for (let i = 0; i < 100; i++) {
      server.publish(large());
      await new Promise((resolve) => setImmediate(resolve)); // time to queue something, if that were done
    }
    await healthyHas(String(round));
    // Of the three collections one is on its way, and it is as old as can be; nothing was queued behind it.
    const view = [...server.service.sinks()].find(({ collections }) => collections.length === 3);
    expect(view?.collections.map(({ collection, sent }) => [collection, sent !== undefined])).toEqual([
      [B, true],
      [C, false],
      [A, false],
    ]);
    allow(client, 0);
    allow(client, 1);
    await client.until(() => pushesTo(client, 1).length === 3);
    const [stalled, ...newest] = pushesTo(client, 1);
    expect([stalled?.collection, versions(stalled!)["r0"]?.split(" ")[0]]).toEqual([B, String(first)]);
    expect(newest.map((push) => [push.collection, Object.values(versions(push))[0]?.split(" ")[0]])).toEqual([
      [C, String(round)],
      [A, String(round)],
    ]);
    client.send(data(1, request({ collection: B, responseNonce: stalled!.nonce })));
    await client.until(() => pushesTo(client, 1).length === 4);
    expect(versions(pushesTo(client, 1)[3]!)["r0"]?.split(" ")[0]).toBe(String(round));
  });

  test("nor take from its socket holds nobody up, and neither do a hundred like it", async () => {
    server.publish(large());
    const clients = await Promise.all(Array.from({ length: 100 }, () => rudeSink(B)));
    for (const client of clients) client.socket.pause();
    await using other = new PlainClient(port);
    for (let i = 0; i < 10; i++) {
      server.publish(large());
      await healthyHas(String(round));
      const call = other.call(SOURCE_STREAM);
      call.stream.write(request({ collection: C }));
      await call.until(() => call.messages.length === 1);
      expect(versions(fromBinary(ResourcesSchema, call.messages[0]!))["r0"]).toMatch(new RegExp(`^${round} `));
      call.reset();
    }
  });
});

describe("a connection that is half open", () => {
  test.each([
    ["connected and said nothing", [], 10_000],
    ["sent half of the preface", [preface.subarray(0, 3)], 10_000],
    ["began HTTP/2 and no more", [preface, rawFrame(frameTypes.settings, 0, 0)], 70_000],
    [
      "began a request that has no end of headers",
      [preface, rawFrame(frameTypes.settings, 0, 0), rawFrame(frameTypes.headers, 0, 1)],
      70_000,
    ],
  ])("is closed in time when its peer %s", async (_, parts, withinMs) => {
    await onSlowClock(async (clock, slowPort, connections) => {
      const client = connectRudely(slowPort);
      client.send(...parts);
      if (parts.length > 1) await client.until(() => client.of(frameTypes.settings).length > 0);
      else await holds(() => clock.pending > 0);
      await pass(clock, withinMs);
      await left(client);
      expect(connections()).toBe(0);
    });
  });

  test("is closed with its sink, blocked in the middle of a push, when its peer answers no ping", async () => {
    await onSlowClock(async (clock, slowPort) => {
      server.publish(large());
      const client = await rudeSink(B, slowPort);
      client.socket.pause();
      expect(server.hub.watchers(B)).toBe(1);
      clock.advance(15_000);
      clock.advance(30_000);
      expect(server.hub.watchers(B)).toBe(1);
      clock.advance(10_000);
      await holds(() => server.hub.watchers(B) === 0);
    });
  });
});

/** Lets time pass, with room for what happens meanwhile. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5_000) {
    clock.advance(5_000);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The same sinks behind another port, whose timers stand still until they are moved. */
async function onSlowClock(
  run: (clock: ManualClock, port: number, connections: () => number) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock();
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const slow = await listen({ address, methods: [server.service.method], clock, log: silentLogger });
  try {
    await run(clock, slow.address.kind === "tcp" ? slow.address.port : 0, () => slow.connections);
  } finally {
    const stopped = slow.shutdown(0);
    clock.advance(0);
    await stopped;
  }
}
