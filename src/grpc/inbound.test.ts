import { describe, expect, it } from "vitest";
import { frameMessage } from "./frame.ts";
import { OK } from "./status.ts";
import { PlainClient, serve } from "./testing/harness.ts";
import { frameTypes, RawClient, rawFrame } from "./testing/raw-client.ts";
import { RecordingMethod } from "./testing/recording.ts";

const path = "/test.Probe/Stream";
const framed = (...messages: readonly string[]): Buffer =>
  Buffer.concat(messages.flatMap((message) => frameMessage([Buffer.from(message)])));
const texts = (messages: readonly Uint8Array[]): string[] => messages.map((message) => Buffer.from(message).toString());
/** Bytes of one stream, a frame each. */
const scattered = (streamId: number, bytes: Buffer): Buffer =>
  Buffer.concat(Array.from(bytes, (byte) => rawFrame(frameTypes.data, 0, streamId, Buffer.of(byte))));
/** A client that knows the windows of the server. */
const settled = (port: number): RawClient => {
  const client = new RawClient(port);
  client.begin();
  client.acceptSettings();
  return client;
};

describe("messages", () => {
  it("arrive in order, empty ones too, however they are cut into DATA frames", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    const bytes = framed("one", "", "two", "x".repeat(3000), "", "three");
    for (let at = 0; at < bytes.length; at += 11) {
      client.send(rawFrame(frameTypes.data, 0, 1, bytes.subarray(at, at + 11)));
    }
    client.send(rawFrame(frameTypes.data, 1, 1));
    const call = await method.call();
    await call.until(() => call.halfClosed === 1);
    expect(texts(call.messages)).toEqual(["one", "", "two", "x".repeat(3000), "", "three"]);
    client.socket.destroy();
  });

  it("of exactly the limit are taken, and one byte more ends the call before any of it is stored", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method], { limits: { maxReceivedMessageBytes: 100_000 } });
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    const recorded = await method.call();
    call.send(Buffer.alloc(100_000, 1));
    await recorded.until(() => recorded.messages.length === 1);
    call.stream.write(Buffer.from([0, 0, 1, 0x86, 0xa1]));
    expect(await call.status()).toEqual({
      code: 8,
      message: "a message of 100001 bytes is larger than the limit of 100000 bytes",
    });
    expect(recorded.messages[0]!.equals(Buffer.alloc(100_000, 1))).toBe(true);
    expect((await recorded.reason()).kind).toBe("failed");
  });

  it("that are compressed are unimplemented, and the answer says which encodings are", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path, { "grpc-encoding": "gzip" });
    call.stream.write(Buffer.concat([framed("plain is fine"), Buffer.from([1, 0, 0, 0, 1, 7])]));
    expect(await call.status()).toEqual({ code: 12, message: "messages compressed with gzip are not supported" });
    expect(call.headers?.["grpc-accept-encoding"]).toBe("identity");
    expect(texts(method.calls[0]!.messages)).toEqual(["plain is fine"]);
  });

  it.each([
    ["a compressed message without an encoding", [1, 0, 0, 0, 0], "grpc-encoding names no compression"],
    ["an unknown flag", [0x7b, 0x22, 0x61, 0x22, 0x3a], "the flag 123"],
  ])("fail with INTERNAL for %s", async (_, bytes, why) => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    call.stream.write(Buffer.from(bytes));
    const { code, message } = await call.status();
    expect(code).toBe(13);
    expect(message).toContain(why);
    expect(method.calls[0]!.messages).toEqual([]);
  });

  it.each([[[0]], [[0, 0, 0, 0]], [[0, 0, 0, 0, 2, 7]]])(
    "cut off by the end of the request fail with INTERNAL: %j",
    async (bytes) => {
      const method = new RecordingMethod(path);
      await using test = await serve([method]);
      await using client = new PlainClient(test.port);
      const call = client.call(path);
      call.stream.end(Buffer.from(bytes));
      expect(await call.status()).toEqual({ code: 13, message: "the request ended in the middle of a message" });
      expect(method.calls[0]!.halfClosed).toBe(0);
    },
  );

  it("unfinished on too many calls at once end the call that goes too far, and make room for the others", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method], { limits: { maxHeldBytes: 100_000 } });
    await using client = new PlainClient(test.port);
    const calls = [client.call(path), client.call(path)];
    const unfinished = Buffer.concat([Buffer.from([0, 0, 1, 0, 0]), Buffer.alloc(60_000)]);
    calls[0]!.stream.write(unfinished);
    calls[1]!.stream.write(unfinished);
    await Promise.race(calls.map((call) => call.until(() => call.closed)));
    const failed = calls.filter((call) => call.closed);
    expect(failed).toHaveLength(1);
    expect(await failed[0]!.status()).toEqual({ code: 8, message: "too many unfinished messages on this connection" });
    const index = calls.findIndex((call) => !call.closed);
    calls[index]!.stream.write(Buffer.alloc(5_536));
    const recorded = method.calls[index]!;
    await recorded.until(() => recorded.messages.length === 1);
    const later = client.call(path);
    later.stream.write(Buffer.concat([unfinished, Buffer.alloc(5_536)]));
    const third = await method.call(2);
    await third.until(() => third.messages.length === 1);
  });

  it("unfinished on too many connections end a call of the one that has most of them, and nobody else's", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method], { limits: { maxHeldTogetherBytes: 300_000 } });
    await using slow = new PlainClient(test.port);
    await using greedy = new PlainClient(test.port);
    const unfinished = Buffer.concat([Buffer.from([0, 0, 1, 0, 0]), Buffer.alloc(60_000)]);
    const first = slow.call(path);
    first.stream.write(unfinished);
    const calls = Array.from({ length: 6 }, () => greedy.call(path));
    for (const call of calls) call.stream.write(unfinished);
    await Promise.race(calls.map((call) => call.until(() => call.closed)));
    const ended = calls.find((call) => call.closed)!;
    expect(await ended.status()).toEqual({
      code: 8,
      message: "too many unfinished messages and unread frames on all connections",
    });
    first.stream.write(Buffer.alloc(5_536));
    const recorded = await method.call(0);
    await recorded.until(() => recorded.messages.length === 1);
    expect(first.closed).toBe(false);
  });
});

describe("a paused call", () => {
  it("gets nothing until it is resumed, not even the rest of a chunk, and then everything in order", async () => {
    const method = new RecordingMethod(path, (call) => {
      call.onMessage = () => {
        if (call.messages.length === 2) call.stream.pause();
      };
    });
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    client.send(rawFrame(frameTypes.data, 0, 1, framed("1", "2", "3", "4")));
    const call = await method.call();
    await call.until(() => call.messages.length === 2);
    client.send(rawFrame(frameTypes.data, 1, 1, framed("5")));
    await client.roundTrip();
    expect(texts(call.messages)).toEqual(["1", "2"]);
    call.stream.resume();
    await call.until(() => call.halfClosed === 1);
    expect(texts(call.messages)).toEqual(["1", "2", "3", "4", "5"]);
    client.socket.destroy();
  });

  it("may pause and resume at every message and at the end", async () => {
    const method = new RecordingMethod(path, (call) => {
      call.stream.pause();
      setImmediate(() => call.stream.resume());
      call.onMessage = () => {
        call.stream.pause();
        if (call.messages.length % 2 === 0) call.stream.resume();
        else setImmediate(() => call.stream.resume());
      };
    });
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const sent = Array.from({ length: 50 }, (_, i) => String(i));
    const sending = client.call(path);
    sending.stream.end(framed(...sent));
    const call = await method.call();
    await call.until(() => call.halfClosed === 1);
    expect(texts(call.messages)).toEqual(sent);
    call.stream.end(OK);
    expect((await sending.status()).code).toBe(0);
    expect(call.halfClosed).toBe(1);
  });

  it("ends when its peer fills the window with ever so many small frames, and gives back what it counted", async () => {
    const method = new RecordingMethod(path, (call) => {
      call.onMessage = () => call.stream.pause();
    });
    await using test = await serve([method], { limits: { maxHeldBytes: 100_000 } });
    const client = settled(test.port);
    for (const [index, streamId] of [1, 3].entries()) {
      client.call(streamId, path);
      client.send(rawFrame(frameTypes.data, 0, streamId, framed("first")));
      const call = await method.call(index);
      await call.until(() => call.messages.length === 1);
      client.send(scattered(streamId, framed("x".repeat(900))));
      await client.roundTrip();
      call.stream.resume();
      await call.until(() => call.messages.length === 2);
    }
    const call = await method.call(1);
    client.send(scattered(3, framed("x".repeat(3000))));
    expect(await call.reason()).toMatchObject({
      kind: "failed",
      status: { code: 8, message: "too many unread frames on this connection" },
    });
    expect(call.messages).toHaveLength(2);
    client.socket.destroy();
  });

  it("counts small frames from the beginning when it has to wait to be opened, and gives back what it counted", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.pause());
    await using test = await serve([method], { limits: { maxHeldBytes: 100_000 } });
    const client = settled(test.port);
    for (const [index, streamId] of [1, 3].entries()) {
      client.call(streamId, path);
      client.send(scattered(streamId, framed("x".repeat(900))));
      await client.roundTrip();
      const call = await method.call(index);
      call.stream.resume();
      await call.until(() => call.messages.length === 1);
    }
    client.call(5, path);
    client.send(scattered(5, framed("x".repeat(3000))));
    expect(await (await method.call(2)).reason()).toMatchObject({
      kind: "failed",
      status: { code: 8, message: "too many unread frames on this connection" },
    });
    client.socket.destroy();
  });

  it("ends when too much waits on all connections, though flow control lets its own send more", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.pause());
    await using test = await serve([method], { limits: { maxHeldTogetherBytes: 300_000 } });
    const client = settled(test.port);
    client.call(1, path);
    const call = await method.call();
    for (let i = 0; i < 17; i++) client.send(rawFrame(frameTypes.data, 0, 1, Buffer.alloc(16_384)));
    await client.roundTrip();
    const later = new Promise((resolve) => setImmediate(resolve, "open"));
    expect(await Promise.race([call.reason(), later])).toBe("open");
    for (let i = 0; i < 2; i++) client.send(rawFrame(frameTypes.data, 0, 1, Buffer.alloc(16_384)));
    expect(await call.reason()).toMatchObject({ kind: "failed", status: { code: 8 } });
    client.socket.destroy();
  });

  it("gives back what waited as soon as it is read", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.pause());
    await using test = await serve([method], { limits: { maxHeldTogetherBytes: 300_000 } });
    const client = settled(test.port);
    client.call(1, path);
    const call = await method.call();
    for (let round = 1; round <= 5; round++) {
      for (let i = 0; i < 10; i++) client.send(rawFrame(frameTypes.data, 0, 1, framed("x".repeat(16_000))));
      await client.roundTrip();
      call.stream.resume();
      await call.until(() => call.messages.length === 10 * round);
      call.stream.pause();
    }
    client.socket.destroy();
  });

  it("holds its peer back by flow control", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.pause());
    await using test = await serve([method]);
    const client = settled(test.port);
    client.call(1, path);
    const call = await method.call();
    const widened = (): number => client.of(frameTypes.windowUpdate).filter((frame) => frame.streamId === 1).length;
    for (let i = 0; i < 60; i++) client.send(rawFrame(frameTypes.data, 0, 1, framed("x".repeat(9_995))));
    await client.roundTrip();
    expect(widened()).toBe(0);
    expect(call.messages).toEqual([]);
    call.stream.resume();
    await client.until(() => widened() > 0);
    await call.until(() => call.messages.length === 60);
    client.socket.destroy();
  });
});
