import { constants } from "node:http2";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { OK } from "./status.ts";
import { PlainClient, serve } from "./testing/harness.ts";
import { callHeaders, frameTypes, RawClient, rawFrame, rawHeaders, type RawFrame } from "./testing/raw-client.ts";
import { RecordingMethod } from "./testing/recording.ts";

const path = "/test.Probe/Stream";

/** Settings of a client whose streams take anything. */
const unlimited = [[4, 2 ** 31 - 1]] as const;

/** The code of the GOAWAY that ended a connection. */
async function goodbye(client: RawClient): Promise<number> {
  await client.until(() => client.closed);
  const last: RawFrame | undefined = client.of(frameTypes.goaway).at(-1);
  return last?.payload.readUInt32BE(4) ?? -1;
}

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

describe("floods", () => {
  it("of stream resets end the connection with ENHANCE_YOUR_CALM and one line in the log", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using test = await serve([method], { limits: { resets: { burst: 20, perSecond: 1 } } });
    const client = new RawClient(test.port);
    client.begin();
    const headers = rawHeaders(callHeaders(path));
    for (let id = 1; id < 200; id += 2) {
      client.send(rawFrame(1, 4, id, headers), rawFrame(frameTypes.rstStream, 0, id, Buffer.from([0, 0, 0, 8])));
    }
    expect(await goodbye(client)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(test.log.at("warn").map((line) => line.message)).toEqual(["too many stream resets: connection closed"]);
  });

  it("of stream resets faster than we can count end with the connection too", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    const headers = rawHeaders(callHeaders(path));
    const flood: Buffer[] = [];
    for (let id = 1; id < 40_000; id += 2) {
      flood.push(rawFrame(1, 4, id, headers), rawFrame(frameTypes.rstStream, 0, id, Buffer.from([0, 0, 0, 8])));
    }
    client.send(...flood);
    expect([constants.NGHTTP2_ENHANCE_YOUR_CALM, constants.NGHTTP2_INTERNAL_ERROR, -1]).toContain(
      await goodbye(client),
    );
    expect(method.calls.length).toBeLessThan(2_000);
    expect(test.server.streams).toBe(0);
  });

  it("of streams that the peer makes us reset count as well", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using test = await serve([method], { limits: { resets: { burst: 20, perSecond: 1 } } });
    const client = new RawClient(test.port);
    client.begin();
    const headers = rawHeaders({ ...callHeaders(path), "content-length": "5" });
    for (let id = 1; id < 200; id += 2) {
      client.send(rawFrame(frameTypes.headers, 4, id, headers), rawFrame(frameTypes.data, 1, id, Buffer.from("less")));
    }
    expect(await goodbye(client)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(test.log.at("warn").map((line) => line.message)).toEqual(["too many stream resets: connection closed"]);
  });

  it.each([
    ["pings", frameTypes.ping, Buffer.alloc(8)],
    ["settings", frameTypes.settings, Buffer.from([0, 4, 0, 0, 0xff, 0xff])],
  ] as const)("of %s end the connection with ENHANCE_YOUR_CALM", async (what, type, payload) => {
    await using test = await serve([], { limits: { [what]: { burst: 50, perSecond: 1 } } });
    const client = new RawClient(test.port);
    client.begin();
    for (let i = 0; i < 100; i++) client.send(rawFrame(type, 0, 0, payload));
    expect(await goodbye(client)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(test.log.at("warn").map((line) => line.message)).toEqual([`too many ${what}: connection closed`]);
  });

  it("of requests end the connection, be they calls or not", async () => {
    const answers = new RecordingMethod(path, ({ stream }) => stream.end(OK));
    await using test = await serve([answers], { limits: { requests: { burst: 30, perSecond: 1 } } });
    for (const headers of [callHeaders(path), callHeaders("/x.Y/Z"), { ...callHeaders("/"), ":method": "GET" }]) {
      const client = new RawClient(test.port);
      client.begin();
      for (let id = 1; id < 80; id += 2) client.send(rawFrame(frameTypes.headers, 5, id, rawHeaders(headers)));
      expect(await goodbye(client)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
    expect(test.log.at("warn")[0]!.message).toBe("too many requests: connection closed");
  });

  it("are not requests at the pace that may be, however many", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path, ({ stream }) => stream.end(OK));
    await using test = await serve([method], { clock, limits: { requests: { burst: 30, perSecond: 20 } } });
    const client = new RawClient(test.port);
    client.begin();
    let id = -1;
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 20; i++)
        client.send(rawFrame(frameTypes.headers, 5, (id += 2), rawHeaders(callHeaders(path))));
      await client.roundTrip();
      clock.advance(1_000);
    }
    expect(method.calls).toHaveLength(200);
    expect(client.closed).toBe(false);
    client.socket.destroy();
  });

  it.each([
    ["PRIORITY", rawFrame(frameTypes.priority, 0, 3, Buffer.from([0, 0, 0, 0, 15]))],
    ["WINDOW_UPDATE", rawFrame(frameTypes.windowUpdate, 0, 0, Buffer.from([0, 0, 0, 1]))],
    ["padding", rawFrame(frameTypes.data, 8, 1, Buffer.from([0]))],
    ["a type that nobody knows", rawFrame(0x20, 0, 0)],
  ])("of frames that carry nothing end the connection within two seconds: %s", async (_, frame) => {
    const clock = new ManualClock();
    await using test = await serve([new RecordingMethod(path)], { clock, limits: { emptyBytesPerSecond: 10_000 } });
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    const flood = Buffer.concat(Array.from({ length: Math.ceil(15_000 / frame.length) }, () => frame));
    client.send(flood);
    await client.roundTrip();
    clock.advance(1_000);
    await client.roundTrip();
    expect(client.closed).toBe(false);
    client.send(flood);
    await client.roundTrip();
    clock.advance(1_000);
    expect(await goodbye(client)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(test.log.at("warn").map((line) => line.message)).toEqual([
      "too many frames that carry nothing: connection closed",
    ]);
  });

  it("of frames that carry nothing are neither large messages, nor such frames at the pace that may be", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path);
    await using test = await serve([method], { clock, limits: { emptyBytesPerSecond: 10_000 } });
    const client = new RawClient(test.port);
    client.begin();
    client.acceptSettings();
    client.call(1, path);
    const { messages } = await method.call();
    const piece = Buffer.alloc(16_000);
    const updates = Buffer.concat(
      Array.from({ length: 700 }, () => rawFrame(frameTypes.windowUpdate, 0, 0, Buffer.from([0, 0, 0, 1]))),
    );
    for (let second = 1; second <= 10; second++) {
      client.send(updates, rawFrame(frameTypes.data, 0, 1, Buffer.from([0, 0, 0, 0x7d, 0])));
      client.send(rawFrame(frameTypes.data, 0, 1, piece), rawFrame(frameTypes.data, 0, 1, piece));
      await client.roundTrip();
      expect(messages).toHaveLength(second);
      clock.advance(1_000);
    }
    expect(client.closed).toBe(false);
    client.socket.destroy();
  });

  it("that come on one connection after the other are told of once a minute for each host, with how often", async () => {
    const clock = new ManualClock();
    await using test = await serve([], { clock, limits: { pings: { burst: 5, perSecond: 1 } } });
    const flood = async (host: string): Promise<void> => {
      const client = new RawClient(test.port, host);
      client.begin();
      for (let i = 0; i < 10; i++) client.send(rawFrame(frameTypes.ping, 0, 0, Buffer.alloc(8)));
      expect(await goodbye(client)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    };
    for (let i = 0; i < 20; i++) await flood("127.0.0.1");
    await flood("127.0.0.2");
    clock.advance(60_000);
    await flood("127.0.0.1");
    const told = test.log.at("warn").map(({ fields }) => [String(fields["peer"]).split(":")[0], fields["repeated"]]);
    expect(told).toEqual([
      ["127.0.0.1", undefined],
      ["127.0.0.2", undefined],
      ["127.0.0.1", 19],
    ]);
    // Whoever asks to see every connection does.
    expect(test.log.at("debug").filter(({ message }) => message.startsWith("too many pings"))).toHaveLength(19);
  });

  it("are not what a client does that pings every ten seconds for a day, or once for each piece of data", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path);
    await using test = await serve([method], { clock, limits: { keepaliveIdleMs: 1e9 } });
    const client = new RawClient(test.port);
    client.begin();
    for (let i = 0; i < 8_640; i++) {
      client.send(rawFrame(frameTypes.ping, 0, 0, Buffer.alloc(8)));
      if (i % 100 === 99) await client.roundTrip();
      clock.advance(10_000);
    }
    client.call(1, path);
    const { stream } = await method.call();
    for (let i = 0; i < 5_000; i++) {
      await stream.send([Buffer.from("x")]);
      client.send(rawFrame(frameTypes.ping, 0, 0, Buffer.alloc(8)));
    }
    await client.roundTrip();
    expect(client.closed).toBe(false);
    expect(client.of(frameTypes.goaway)).toEqual([]);
    client.socket.destroy();
  });

  it("from a peer that doesn't read end although no GOAWAY can leave", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path);
    await using test = await serve([method], { clock, limits: { resets: { burst: 0, perSecond: 0 } } });
    const client = new RawClient(test.port);
    client.begin(unlimited);
    client.send(rawFrame(frameTypes.windowUpdate, 0, 0, Buffer.from([0x7f, 0, 0, 0])));
    client.call(1, path);
    const call = await method.call();
    await client.roundTrip();
    client.socket.pause();
    const sent = call.stream.send([Buffer.alloc(64 * 1024 * 1024)]);
    call.stream.end(OK);
    clock.advance(5_000);
    expect(await sent).toBe(false);
    await test.log.until(() => test.log.at("warn").length > 0);
    expect(test.server.connections).toBe(1);
    clock.advance(1_000);
    client.socket.resume();
    await client.until(() => client.closed);
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
