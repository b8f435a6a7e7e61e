import { constants } from "node:http2";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { OK } from "./status.ts";
import { serve } from "./testing/harness.ts";
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
