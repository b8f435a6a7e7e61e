import { constants } from "node:http2";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { OK } from "./status.ts";
import { PlainClient, serve } from "./testing/harness.ts";
import { callHeaders, frameTypes, RawClient, rawFrame, rawHeaders, type RawFrame } from "./testing/raw-client.ts";
import { RecordingMethod } from "./testing/recording.ts";

const path = "/test.Probe/Stream";

describe("settings", () => {
  it("announce the limits that sinks of Galley 1.3.6 know, and widen the window of the connection", async () => {
    await using test = await serve([]);
    const client = new RawClient(test.port);
    client.begin();
    await client.until(() => client.of(frameTypes.windowUpdate).length > 0);
    const { payload } = client.of(frameTypes.settings)[0]!;
    const settings = new Map<number, number>();
    for (let at = 0; at < payload.length; at += 6) settings.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    expect(settings).toEqual(
      new Map([
        [3, 1024],
        [4, 1024 * 1024],
        [6, 16 * 1024],
      ]),
    );
    const [update] = client.of(frameTypes.windowUpdate);
    expect(update!.streamId).toBe(0);
    expect(update!.payload.readUInt32BE(0) + 65_535).toBe(16 * 1024 * 1024);
    client.socket.destroy();
  });
});

describe("requests that are no calls", () => {
  it.each([
    ["a GET", { ":method": "GET" }, 405, "Calls are made with POST"],
    ["another content type", { "content-type": "application/json" }, 415, "application/grpc"],
    ["no content type", { "content-type": undefined }, 415, "application/grpc"],
  ])("are answered in words: %s", async (_, headers, httpStatus, words) => {
    await using test = await serve([]);
    await using client = new PlainClient(test.port);
    const call = client.call("/", headers);
    await call.until(() => call.closed);
    expect(call.headers).toMatchObject({ ":status": httpStatus, "content-type": "text/plain; charset=utf-8" });
    expect(call.body).toContain("This port serves gRPC over HTTP/2");
    expect(call.body).toContain(words);
    expect(call.stream.rstCode).toBe(0);
  });

  it("may be a HEAD, which gets no body", async () => {
    await using test = await serve([]);
    await using client = new PlainClient(test.port);
    const call = client.call("/", { ":method": "HEAD" });
    await call.until(() => call.closed);
    expect(call.headers).toMatchObject({ ":status": 405, allow: "POST" });
    expect(call.body).toBe("");
  });

  it("may still send a body, which nobody reads", async () => {
    await using test = await serve([]);
    await using client = new PlainClient(test.port);
    const call = client.call("/", { ":method": "PUT" });
    call.stream.write(Buffer.alloc(500_000));
    await call.until(() => call.closed);
    expect(call.headers?.[":status"]).toBe(405);
  });
});

describe("calls that can't be served", () => {
  it("end with a status and HTTP 200", async () => {
    await using test = await serve([new RecordingMethod(path)]);
    await using client = new PlainClient(test.port);
    const unknown = client.call("/test.Probe/Other");
    expect(await unknown.status()).toEqual({ code: 12, message: 'unknown method "Other" for service "test.Probe"' });
    expect(unknown.headers?.[":status"]).toBe(200);
    expect((await client.call("/x.Y/Z").status()).message).toBe('unknown service "x.Y"');
    expect((await client.call(path, { "grpc-timeout": "1s" }).status()).code).toBe(13);
  });

  it("with headers beyond the limit are broken off, and the connection goes on", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.end(OK));
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    client.acceptSettings();
    const block = rawHeaders({ ...callHeaders(path), "x-big": "x".repeat(16_000), "x-more": "x".repeat(300) });
    client.send(
      rawFrame(frameTypes.headers, 0, 1, block.subarray(0, 16_000)),
      rawFrame(9, 4, 1, block.subarray(16_000)),
    );
    await client.roundTrip();
    expect(client.of(frameTypes.rstStream).map((frame) => frame.streamId)).toEqual([1]);
    expect(method.calls).toEqual([]);
    client.call(3, path);
    await client.until(() => client.of(frameTypes.headers).some((frame) => frame.streamId === 3));
    client.socket.destroy();
  });

  it("beyond the number of concurrent ones are refused, and the connection goes on", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using test = await serve([method], { limits: { maxConcurrentStreams: 3 } });
    const client = new RawClient(test.port);
    client.begin();
    for (const id of [1, 3, 5, 7, 9]) client.call(id, path);
    await client.until(() => client.of(frameTypes.rstStream).length === 2);
    expect(client.of(frameTypes.rstStream).map(({ streamId, payload }) => [streamId, payload.readUInt32BE(0)])).toEqual(
      [
        [7, constants.NGHTTP2_REFUSED_STREAM],
        [9, constants.NGHTTP2_REFUSED_STREAM],
      ],
    );
    expect(test.server.streams).toBe(3);
    client.socket.destroy();
  });
});

describe("keepalive", () => {
  it("ends a connection whose peer has gone silent, and its calls with it", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using test = await serve([method], { clock });
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    const call = await method.call();
    await client.roundTrip();
    clock.advance(15_000);
    clock.advance(30_000);
    await client.until(() => client.of(frameTypes.ping).length === 1);
    expect(client.closed).toBe(false);
    clock.advance(10_000);
    expect(await call.reason()).toEqual({ kind: "lost" });
    await client.until(() => client.closed);
    expect(test.log.at("info")).toMatchObject([
      { message: "peer is silent: connection closed", fields: { silentMs: 40_000 } },
    ]);
    expect(clock.pending).toBe(0);
  });

  it("tells once of a host that has many connections fall silent, as a network does that is cut", async () => {
    const clock = new ManualClock();
    await using test = await serve([], { clock });
    const clients = Array.from({ length: 5 }, () => new RawClient(test.port));
    for (const client of clients) {
      client.begin();
      await client.roundTrip();
    }
    clock.advance(15_000);
    clock.advance(30_000);
    for (const client of clients) await client.until(() => client.of(frameTypes.ping).length === 1);
    clock.advance(10_000);
    for (const client of clients) await client.until(() => client.closed);
    expect(test.log.at("info").map(({ message }) => message)).toEqual(["peer is silent: connection closed"]);
    expect(test.log.at("debug").filter(({ message }) => message.startsWith("peer is silent"))).toHaveLength(4);
  });

  it("keeps a connection whose peer answers, for as long as it does", async () => {
    const clock = new ManualClock();
    await using test = await serve([], { clock });
    const client = new RawClient(test.port);
    client.begin();
    await client.roundTrip();
    await client.roundTrip();
    clock.advance(15_000);
    for (let round = 1; round <= 5; round++) {
      clock.advance(30_000);
      const pings = (): readonly RawFrame[] => client.of(frameTypes.ping).filter((frame) => frame.flags === 0);
      await client.until(() => pings().length === round);
      client.send(rawFrame(frameTypes.ping, 1, 0, pings().at(-1)!.payload));
      await client.roundTrip();
      clock.advance(10_000);
    }
    expect(test.server.connections).toBe(1);
    client.socket.destroy();
  });
});

describe("a connection that broke the protocol", () => {
  it("is told so, and closed when it doesn't close itself: Node reads no more from it, not even its end", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using test = await serve([method], { clock });
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    const call = await method.call();
    client.send(rawFrame(frameTypes.data, 0, 0, Buffer.from("data on no stream")));
    await client.until(() => client.of(frameTypes.goaway).length === 1);
    expect(client.of(frameTypes.goaway)[0]!.payload.readUInt32BE(4)).toBe(constants.NGHTTP2_PROTOCOL_ERROR);
    clock.advance(15_000);
    clock.advance(40_000);
    expect(await call.reason()).toEqual({ kind: "lost" });
    await client.until(() => client.closed);
  });
});

describe("GOAWAY of a client", () => {
  it("without an error lets its calls go on, however long they are silent", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path, (call) => (call.onMessage = (bytes) => void call.stream.send([bytes])));
    await using test = await serve([method], { clock });
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    await method.call();
    client.send(rawFrame(frameTypes.goaway, 0, 0, Buffer.alloc(8)));
    await client.roundTrip();
    clock.advance(3_600_000);
    client.send(rawFrame(frameTypes.data, 0, 1, Buffer.from([0, 0, 0, 0, 1, 7])));
    await client.until(() => client.of(frameTypes.data).length === 1);
    expect(method.calls[0]!.closes).toEqual([]);
    method.calls[0]!.stream.end(OK);
    client.send(rawFrame(frameTypes.data, 1, 1));
    expect((await method.calls[0]!.reason()).kind).toBe("ended");
    client.socket.destroy();
  });

  it("with an error ends them as lost", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    await method.call();
    client.send(rawFrame(frameTypes.goaway, 0, 0, Buffer.from([0, 0, 0, 0, 0, 0, 0, 1])));
    expect(await method.calls[0]!.reason()).toEqual({ kind: "lost" });
    await client.until(() => client.closed);
    expect(method.calls[0]!.closes).toHaveLength(1);
  });
});

describe("sending", () => {
  it("resolves when the transport has taken all of a message, and takes one at a time", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin([[4, 1_000]]);
    client.call(1, path);
    const { stream } = await method.call();
    let taken: boolean | undefined;
    const sent = stream.send([Buffer.alloc(2_000, 1)]).then((result) => (taken = result));
    const received = (): number => client.of(frameTypes.data).reduce((sum, frame) => sum + frame.payload.length, 0);
    await client.until(() => received() === 1_000);
    await client.roundTrip();
    expect(taken).toBeUndefined();
    expect(() => stream.send([Buffer.from("x")])).toThrow("a send is in flight");
    client.send(rawFrame(frameTypes.windowUpdate, 0, 1, Buffer.from([0, 0, 4, 0])));
    expect(await sent).toBe(true);
    await client.until(() => received() === 2_005);
    client.socket.destroy();
  });

  it("shares one large body between a thousand blocked calls of one connection without harm", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin([[4, 0]]);
    const body = Buffer.alloc(3_000_000, 1);
    for (let i = 0; i < 1_000; i++) client.call(2 * i + 1, path);
    await method.call(999);
    const before = process.memoryUsage().rss;
    for (const { stream } of method.calls) void stream.send([body, Buffer.from("nonce")]);
    await client.roundTrip();
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
    expect(test.server.streams).toBe(1_000);
    client.call(2_001, path);
    await method.call(1_000);
    client.socket.destroy();
    await Promise.all(method.calls.map((call) => call.reason()));
  });

  it("of pieces arrives as one message", async () => {
    const method = new RecordingMethod(path, ({ stream }) => {
      void stream.send([Buffer.alloc(10), Buffer.alloc(100_000, 1), Buffer.from("nonce"), Buffer.alloc(5_000, 2)]);
    });
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    await call.until(() => call.messages.length === 1);
    const whole = Buffer.concat([
      Buffer.alloc(10),
      Buffer.alloc(100_000, 1),
      Buffer.from("nonce"),
      Buffer.alloc(5_000, 2),
    ]);
    expect(call.messages[0]!.equals(whole)).toBe(true);
  });
});
