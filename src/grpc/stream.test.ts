import { constants } from "node:http2";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { codes, OK, status } from "./status.ts";
import { PlainClient, serve } from "./testing/harness.ts";
import { callHeaders, frameTypes, RawClient, rawFrame, rawHeaders } from "./testing/raw-client.ts";
import { RecordingMethod } from "./testing/recording.ts";

const path = "/test.Probe/Stream";
const text = (message: Uint8Array): string => Buffer.from(message).toString();

describe("response headers", () => {
  it("arrive at once, before any message, with their metadata in order", async () => {
    const method = new RecordingMethod(path, (call) => {
      call.stream.sendHeaders([
        ["config.source.version", "1.2.3"],
        ["zone", "a"],
        ["zone", "b"],
      ]);
    });
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    await call.until(() => call.headers !== undefined);
    expect(call.headers).toMatchObject({
      ":status": 200,
      "content-type": "application/grpc",
      "config.source.version": "1.2.3",
      zone: "a, b",
    });
    expect(call.headers).not.toHaveProperty("date");
    expect(method.calls[0]!.messages).toEqual([]);
    expect(call.messages).toEqual([]);
  });

  it("can't be sent twice, nor with metadata that the wire doesn't take", async () => {
    const errors: unknown[] = [];
    const attempt = (run: () => void): void => {
      try {
        run();
      } catch (error) {
        errors.push(error);
      }
    };
    const method = new RecordingMethod(path, ({ stream }) => {
      attempt(() => stream.sendHeaders([["Bad Key", "x"]]));
      stream.sendHeaders();
      attempt(() => stream.sendHeaders());
    });
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    await call.until(() => call.headers !== undefined);
    expect(errors.map(String)).toEqual([
      expect.stringContaining('metadata "Bad Key"'),
      expect.stringContaining("sent already"),
    ]);
  });

  it("go out with the first message when nobody sent them before", async () => {
    const method = new RecordingMethod(path, ({ stream }) => void stream.send([Buffer.from("hello")]));
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    await call.until(() => call.messages.length === 1);
    expect(call.headers?.[":status"]).toBe(200);
  });
});

describe("the end of a call", () => {
  it("is headers alone when nothing was sent before, in one frame", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.end(status("InvalidArgument", "no: 100% “bad”")));
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    await client.until(() => client.of(frameTypes.rstStream).length > 0);
    const mine = client.frames.filter((frame) => frame.streamId === 1);
    expect(mine.map((frame) => [frame.type, frame.flags])).toEqual([
      [frameTypes.headers, 5],
      [frameTypes.rstStream, 0],
    ]);
    expect(mine[1]!.payload.readUInt32BE(0)).toBe(constants.NGHTTP2_NO_ERROR);
    client.socket.destroy();
    expect(await method.calls[0]!.reason()).toMatchObject({ kind: "ended", status: { code: codes.InvalidArgument } });
  });

  it("tells code and message", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.end(status("InvalidArgument", "no: 100% “bad”\n")));
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    expect(await call.status()).toEqual({ code: 3, message: "no: 100% “bad”\n" });
    expect(call.trailers).toBeUndefined();
  });

  it("comes in trailers after headers and messages, without a message when there is none to tell", async () => {
    const method = new RecordingMethod(path, ({ stream }) => {
      void stream.send([Buffer.from("one")]);
      stream.end(OK);
    });
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    expect(await call.status()).toEqual({ code: 0, message: "" });
    expect(call.messages.map(text)).toEqual(["one"]);
    expect(call.trailers).toMatchObject({ "grpc-status": "0" });
    expect(call.trailers).not.toHaveProperty("grpc-message");
  });

  it("comes in trailers too when only headers were sent", async () => {
    const method = new RecordingMethod(path, ({ stream }) => {
      stream.sendHeaders();
      stream.end(status("NotFound", "gone"));
    });
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    expect(await call.status()).toEqual({ code: 5, message: "gone" });
    expect(call.headers).not.toHaveProperty("grpc-status");
  });

  it("takes the first status and ignores all that follows", async () => {
    const method = new RecordingMethod(path, ({ stream }) => {
      stream.end(status("Aborted", "first"));
      stream.end(OK);
      stream.sendHeaders();
      stream.pause();
      stream.resume();
    });
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    expect(await call.status()).toEqual({ code: 10, message: "first" });
    const recorded = await method.call();
    await recorded.reason();
    expect(await recorded.stream.send([Buffer.from("late")])).toBe(false);
    expect(recorded.closes).toHaveLength(1);
  });

  it("stops the messages that still arrive, in the middle of a chunk too", async () => {
    const method = new RecordingMethod(path, (call) => (call.onMessage = () => call.stream.end(OK)));
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    call.stream.write(Buffer.concat([0, 1, 2].map(() => Buffer.from([0, 0, 0, 0, 1, 7]))));
    expect((await call.status()).code).toBe(0);
    expect(method.calls[0]!.messages).toHaveLength(1);
    expect(method.calls[0]!.halfClosed).toBe(0);
  });

  it("resets the stream when the peer never reads what stands before the trailers", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path);
    await using test = await serve([method], { clock });
    const client = new RawClient(test.port);
    client.begin([[4, 0]]);
    client.call(1, path);
    const recorded = await method.call();
    const sent = recorded.stream.send([Buffer.from("never read")]);
    recorded.stream.end(OK);
    await client.roundTrip();
    expect(recorded.closes).toEqual([]);
    clock.advance(5_000);
    expect(await recorded.reason()).toEqual({ kind: "ended", status: OK });
    expect(await sent).toBe(false);
    await client.until(() => client.of(frameTypes.rstStream).length === 1);
    expect(client.of(frameTypes.data)).toEqual([]);
    client.socket.destroy();
  });
});

describe("a call that its peer gives up", () => {
  it.each([
    [constants.NGHTTP2_CANCEL, { kind: "cancelled" }],
    [constants.NGHTTP2_NO_ERROR, { kind: "cancelled" }],
    [constants.NGHTTP2_INTERNAL_ERROR, { kind: "reset", code: 2 }],
    [constants.NGHTTP2_REFUSED_STREAM, { kind: "reset", code: 7 }],
  ])("by reset code %i is closed once as %j", async (code, reason) => {
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    const recorded = await method.call();
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    client.send(rawFrame(frameTypes.rstStream, 0, 1, payload));
    expect(await recorded.reason()).toEqual(reason);
    await client.roundTrip();
    expect(recorded.closes).toHaveLength(1);
    expect(test.server.streams).toBe(0);
    expect(test.server.connections).toBe(1);
    client.socket.destroy();
  });

  it("is closed too when it was paused with messages unread", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.pause());
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    client.send(rawFrame(frameTypes.data, 0, 1, Buffer.from([0, 0, 0, 0, 1, 7])));
    const recorded = await method.call();
    await client.roundTrip();
    client.send(rawFrame(frameTypes.rstStream, 0, 1, Buffer.alloc(4)));
    expect(await recorded.reason()).toEqual({ kind: "cancelled" });
    expect(recorded.messages).toEqual([]);
    client.socket.destroy();
  });

  it("resolves a pending send with false", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin([[4, 10]]);
    client.call(1, path);
    const recorded = await method.call();
    const sent = recorded.stream.send([Buffer.alloc(100_000)]);
    await client.until(() => client.of(frameTypes.data).length > 0);
    client.send(rawFrame(frameTypes.rstStream, 0, 1, Buffer.from([0, 0, 0, 8])));
    expect(await sent).toBe(false);
    expect(await recorded.stream.send([Buffer.from("x")])).toBe(false);
    expect(await recorded.reason()).toEqual({ kind: "cancelled" });
    client.socket.destroy();
  });

  it("in the middle of a message by losing the connection is lost, and its memory is given back", async () => {
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    client.call(1, path);
    client.call(3, path);
    client.send(rawFrame(frameTypes.data, 0, 1, Buffer.concat([Buffer.from([0, 0, 1, 0, 0]), Buffer.alloc(10_000)])));
    const one = await method.call(0);
    const two = await method.call(1);
    await client.roundTrip();
    client.socket.destroy();
    expect(await one.reason()).toEqual({ kind: "lost" });
    expect(await two.reason()).toEqual({ kind: "lost" });
    expect(one.messages).toEqual([]);
    expect(one.halfClosed).toBe(0);
    expect(test.server.streams).toBe(0);
  });

  it("before it was begun is never opened", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    const client = new RawClient(test.port);
    client.begin();
    const headers = rawFrame(frameTypes.headers, 4, 1, rawHeaders(callHeaders(path)));
    client.send(headers, rawFrame(frameTypes.rstStream, 0, 1, Buffer.from([0, 0, 0, 2])));
    await client.roundTrip();
    expect(method.calls).toEqual([]);
    client.socket.destroy();
  });
});

describe("deadlines", () => {
  it("end the call with DEADLINE_EXCEEDED when grpc-timeout has passed", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path, ({ stream }) => stream.sendHeaders());
    await using test = await serve([method], { clock });
    await using client = new PlainClient(test.port);
    const call = client.call(path, { "grpc-timeout": "2S" });
    const recorded = await method.call();
    clock.advance(1_999);
    await call.until(() => call.headers !== undefined);
    expect(call.closed).toBe(false);
    clock.advance(1);
    expect(await call.status()).toEqual({ code: 4, message: "the deadline of 2000 ms has passed" });
    expect(await recorded.reason()).toMatchObject({ kind: "failed", status: { code: codes.DeadlineExceeded } });
  });

  it("leave no timer behind when the call ends before", async () => {
    const clock = new ManualClock();
    const method = new RecordingMethod(path, ({ stream }) => stream.end(OK));
    await using test = await serve([method], { clock });
    await using client = new PlainClient(test.port);
    const call = client.call(path, { "grpc-timeout": "1H" });
    expect((await call.status()).code).toBe(0);
    await (await method.call()).reason();
    // Those of the connection alone: its keepalive, and the round on which all are looked at.
    expect(clock.pending).toBe(2);
  });
});

describe("a handler that throws", () => {
  it.each(["open", "message", "halfClose"] as const)(
    "in %s ends its own call with INTERNAL and no other",
    async (where) => {
      const boom = (): never => {
        throw new Error(`boom in ${where}`);
      };
      const bad = new RecordingMethod("/test.Probe/Bad", (call) => {
        if (where === "open") boom();
        if (where === "message") call.onMessage = boom;
        if (where === "halfClose") call.onHalfClose = boom;
      });
      const good = new RecordingMethod(path, (call) => (call.onMessage = (bytes) => void call.stream.send([bytes])));
      await using test = await serve([bad, good]);
      await using client = new PlainClient(test.port);
      const other = client.call(path);
      const call = client.call("/test.Probe/Bad");
      call.send("x");
      call.stream.end();
      expect(await call.status()).toEqual({ code: 13, message: "internal error" });
      const [line] = test.log.at("error");
      expect(line).toMatchObject({
        message: "a call handler threw",
        fields: { callback: where, path: "/test.Probe/Bad" },
      });
      expect(line!.fields["error"]).toMatch(new RegExp(`boom in ${where}[^]*stream\\.test\\.ts`));
      other.send("still here");
      await other.until(() => other.messages.length === 1);
      const closes = where === "open" ? [] : [{ kind: "failed", status: { code: 13, message: "internal error" } }];
      const recorded = bad.calls[0];
      if (where !== "open") await recorded!.reason();
      expect(recorded?.closes ?? []).toEqual(closes);
    },
  );

  it("in closed is logged and hurts nobody", async () => {
    const method = new RecordingMethod(path, (call) => {
      call.closed = (): void => {
        throw new Error("boom in closed");
      };
    });
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    const call = client.call(path);
    await method.call();
    call.reset();
    await test.log.until(() => test.log.at("error").length > 0);
    expect(test.log.at("error")[0]!.fields).toMatchObject({ callback: "closed" });
    expect(test.server.streams).toBe(0);
  });
});

describe("metadata of a request", () => {
  it("reaches the handler without the protocol's own headers, with the peer's address", async () => {
    const method = new RecordingMethod(path);
    await using test = await serve([method]);
    await using client = new PlainClient(test.port);
    client.call(path, { "x-zone": "a", "grpc-timeout": "1H", "trace-bin": "AAEC" });
    const { stream } = await method.call();
    expect(stream.metadata).toEqual([
      ["x-zone", "a"],
      ["trace-bin", "AAEC"],
    ]);
    expect(stream.path).toBe(path);
    expect(stream.peer).toEqual({ address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
  });
});
