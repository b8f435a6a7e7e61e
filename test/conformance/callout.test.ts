import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { issue } from "../../src/grpc/testing/certificates.ts";
import { silentObserver } from "../../src/distribution/observer.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { HEALTHY_MS, reconnectBackoff } from "../../src/grpc/dial/reconnect.ts";
import { SINK_STREAM } from "../../src/mcp/protocol.ts";
import { serveSink } from "../../src/mcp/sink/server.ts";
import { InMemoryStore } from "../../src/model/received/store.ts";
import { bytesField, concat } from "../../src/wire/fields.ts";
import type { Resources } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { versions } from "../support/raw-sink.ts";
import { ScriptedServer, type ServerCall } from "./peers/grpc-server.ts";
import { GATEWAYS as A, readPush, request, SERVICES as B } from "./peers/messages.ts";
import { silent, TcpServer } from "./peers/tcp.ts";
import { TestCallOut } from "./peers/test-callout.ts";
import { until } from "./peers/waiting.ts";

// Galley calls a sink. The number is that of docs/conformance.md. The sink is a server of @grpc/grpc-js with messages made by hand.

/** So many bytes, and some more, of a field that is none of the message. */
function unknownField(bytes: number): Uint8Array {
  return concat(bytesField(15, Buffer.alloc(bytes)));
}

let sink: ScriptedServer;

beforeEach(async () => {
  sink = await ScriptedServer.start(SINK_STREAM);
});

afterEach(async () => {
  await sink[Symbol.asyncDispose]();
});

/** The next call with its first message. */
async function accept(from: ScriptedServer = sink): Promise<{ call: ServerCall; first: Buffer }> {
  const call = await from.next();
  call.sendHeaders();
  return { call, first: await call.arrived.next() };
}

async function pushed(call: ServerCall): Promise<Resources> {
  return readPush(await call.arrived.next());
}

const refuseTrigger = request({
  collection: "$triggerCollection",
  errorDetail: { code: 12, message: "unsupported collection $triggerCollection" },
});

describe("a source that calls", () => {
  test("50: sends the trigger first, then answers what it is asked, as a source that is called does", async () => {
    await using galley = new TestCallOut([sink.address]);
    galley.publish({ [A]: { a: "1" } });
    const { call, first } = await accept();
    expect(first.toString("hex")).toBe("12122474726967676572436f6c6c656374696f6e");
    call.sendBytes(request({ sinkNode: { id: "called" }, collection: A }));
    call.sendBytes(refuseTrigger);
    const push = await pushed(call);
    expect(push).toMatchObject({ collection: A, nonce: "1", incremental: false });
    expect(versions(push)).toEqual({ a: "1" });
    call.sendBytes(request({ collection: A, responseNonce: "1" }));
    galley.publish({ [A]: { a: "1", b: "1" } });
    expect(versions(await pushed(call))).toEqual({ a: "1", b: "1" });
    expect([...galley.callOut.sinks()]).toMatchObject([{ peer: sink.address, sinkId: "called" }]);
  });

  test("50: begins anew after a stream has ended: the trigger again, and nonces from 1", async () => {
    await using galley = new TestCallOut([sink.address]);
    galley.publish({ [A]: { a: "1" } });
    for (let n = 0; n < 3; n++) {
      const { call, first } = await accept();
      expect(readPush(first).collection).toBe("$triggerCollection");
      call.sendBytes(request({ collection: A }));
      expect((await pushed(call)).nonce).toBe("1");
      call.end(grpc.status.UNAVAILABLE);
      expect(await galley.event("disconnected")).toMatchObject({ address: sink.address, code: 14 });
    }
    expect(galley.receiveFailures).toEqual([14, 14, 14]);
  });

  test("sends its version and what it was given as request headers, each value of a key", async () => {
    const meta = [
      ["config.source.version", "test-build"],
      ["zone", "a"],
      ["zone", "b"],
    ] as const;
    await using _galley = new TestCallOut([sink.address], { meta });
    const { call } = await accept();
    expect(call.metadata.get("config.source.version")).toEqual(["test-build"]);
    expect(call.metadata.get("zone").join(", ")).toBe("a, b");
  });

  test("sends deltas to a sink that asks, against what it says it holds", async () => {
    await using galley = new TestCallOut([sink.address]);
    galley.publish({ [A]: { a: "1", b: "1" } });
    const { call } = await accept();
    call.sendBytes(request({ collection: A, incremental: true, initialResourceVersions: { a: "1", z: "9" } }));
    const push = await pushed(call);
    expect(push).toMatchObject({ incremental: true, removedResources: ["z"] });
    expect(versions(push)).toEqual({ b: "1" });
  });

  test("tells how often it established a stream, the first time included", async () => {
    await using galley = new TestCallOut([sink.address]);
    for (let n = 0; n < 2; n++) {
      const { call } = await accept();
      expect(await galley.event("connected")).toEqual({ kind: "connected", address: sink.address });
      call.end();
      await galley.event("disconnected");
    }
    expect(galley.receiveFailures).toEqual([]); // a clean end is no failure
  });

  test("tells of each sink whether it is connected, and of those that aren't how it ended and when it goes on", async () => {
    await using dark = await silent();
    await using galley = new TestCallOut([sink.address, dark.address], {
      backoff: { minMs: 3_600_000, maxMs: 3_600_000, factor: 1, jitter: 0 },
    });
    const { call } = await accept();
    const told = (): unknown => galley.callOut.called.map(({ address, state }) => ({ address, state }));
    expect(told()).toEqual([
      { address: sink.address, state: "connected" },
      { address: dark.address, state: "calling" },
    ]);
    const before = Date.now();
    call.end(grpc.status.PERMISSION_DENIED, "x".repeat(3000));
    const { retryMs } = await galley.event("disconnected");
    const [first] = galley.callOut.called;
    expect(first).toMatchObject({ state: "waiting", lastEnd: { code: 7, message: `${"x".repeat(1024)}…` } });
    expect(first!.since).toBeGreaterThanOrEqual(before);
    expect(first!.retryAt).toBe(first!.since + retryMs);
  });

  test("says that a sink answers when it does, and not before", async () => {
    const told: string[] = [];
    const log = { ...silentLogger, info: (message: string) => void told.push(message) };
    await using galley = new TestCallOut([sink.address], { log });
    const call = await sink.next();
    await galley.event("connected");
    await call.arrived.next();
    expect(told).toEqual([]);
    expect([...galley.callOut.sinks()]).toMatchObject([{ peer: sink.address, collections: [] }]);
    call.sendHeaders();
    await until(() => told.length > 0);
    expect(told).toEqual(["a sink is called and answers"]);
  });

  test("calls any number of sinks, without a word of Node on standard error", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    const others = await Promise.all(Array.from({ length: 12 }, () => ScriptedServer.start(SINK_STREAM)));
    const galley = new TestCallOut(others.map(({ address }) => address));
    for (const other of others) (await accept(other)).call.end(grpc.status.UNAVAILABLE);
    for (const other of others) await accept(other);
    await galley[Symbol.asyncDispose]();
    for (const other of others) await other[Symbol.asyncDispose]();
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  test("serves several sinks, each on its own", async () => {
    await using other = await ScriptedServer.start(SINK_STREAM);
    await using galley = new TestCallOut([sink.address, other.address, sink.address]);
    galley.publish({ [A]: { a: "1" }, [B]: { b: "1" } });
    const { call: one } = await accept();
    const { call: two } = await accept(other);
    expect(galley.callOut.sinkCount).toBe(2);
    one.sendBytes(request({ collection: A }));
    two.sendBytes(request({ collection: B }));
    expect(versions(await pushed(one))).toEqual({ a: "1" });
    expect(versions(await pushed(two))).toEqual({ b: "1" });
    one.end(grpc.status.UNAVAILABLE);
    two.sendBytes(request({ collection: A }));
    expect(versions(await pushed(two))).toEqual({ a: "1" });
    await accept();
  });

  test("feeds a sink of our own that listens, deletions included, and the one that starts in its place", async () => {
    const store = new InMemoryStore();
    const settings = { collections: [A], incremental: true, apply: store.apply, bodies: anything };
    const first = await serveSink({ ...settings, address: "127.0.0.1:0" });
    await using galley = new TestCallOut([first.address]);
    galley.publish({ [A]: { a: "1", b: "1" } });
    await until(() => store.get(A)?.size === 2);
    galley.publish({ [A]: { a: "2" } });
    await until(() => store.get(A)?.get("a")?.version === "2" && store.get(A)?.size === 1);
    await first[Symbol.asyncDispose]();
    galley.publish({ [A]: { c: "1" } });
    await using _second = await serveSink({ ...settings, address: first.address, held: store.versions });
    await until(() => store.get(A)?.get("c")?.version === "1" && store.get(A)?.size === 1);
  });
});

const anything = { check: () => undefined, toJson: () => ({}) };

describe("whatever ends a stream that Galley opened", () => {
  test("a collection that is not served: the sink sees its stream cancelled, and none is left open", async () => {
    await using galley = new TestCallOut([sink.address]);
    for (let n = 0; n < 3; n++) {
      const { call } = await accept();
      call.sendBytes(request({ collection: "no/such/collection" }));
      await call.cancelled;
      expect(await galley.event("disconnected")).toMatchObject({ code: 3 });
    }
    expect(galley.receiveFailures).toEqual([]);
  });

  test("a trigger that is refused with another code: it is a request for what is not served", async () => {
    await using galley = new TestCallOut([sink.address]);
    const { call } = await accept();
    call.sendBytes(request({ collection: "$triggerCollection", errorDetail: { code: 3, message: "what?" } }));
    await call.cancelled;
    expect(await galley.event("disconnected")).toMatchObject({ code: 3 });
  });

  test("bytes that are no request: the stream is cancelled", async () => {
    await using galley = new TestCallOut([sink.address]);
    const { call } = await accept();
    call.sendBytes(Uint8Array.of(0xff, 0xff));
    await call.cancelled;
    expect(await galley.event("disconnected")).toMatchObject({ code: 13 });
    expect(galley.receiveFailures).toEqual([13]);
  });

  test("a request larger than one that calls may send: the stream is cancelled, however much of it has come", async () => {
    await using galley = new TestCallOut([sink.address]);
    const { call } = await accept();
    const padded = (bytes: number): Uint8Array => Buffer.concat([request({ collection: A }), unknownField(bytes)]);
    call.sendBytes(padded(1000 * 1024));
    galley.publish({ [A]: { a: "1" } });
    await pushed(call);
    call.sendBytes(padded(1024 * 1024));
    await call.cancelled;
    expect(await galley.event("disconnected")).toMatchObject({ code: 8 });
    expect(galley.receiveFailures).toEqual([8]);
    await using other = new TestCallOut([sink.address], { dialLimits: { maxReceivedMessageBytes: 2048 } });
    (await accept()).call.sendBytes(padded(4096));
    expect(await other.event("disconnected")).toMatchObject({ code: 8 });
  });

  test("watches that are cancelled: the sink is called again", async () => {
    await using galley = new TestCallOut([sink.address]);
    const { call } = await accept();
    galley.callOut.cancelWatches();
    await call.cancelled;
    await accept();
  });

  test("an answer that doesn't come: the stream is cancelled when its time is up", async () => {
    await using galley = new TestCallOut([sink.address]);
    galley.publish({ [A]: { a: "1" } });
    const { call } = await accept();
    call.sendBytes(request({ collection: A }));
    await pushed(call);
    const sentAt = galley.callOut.oldestUnanswered()!;
    galley.callOut.endUnanswered(sentAt);
    expect(galley.callOut.sinkCount).toBe(1);
    galley.callOut.endUnanswered(sentAt + 1);
    await call.cancelled;
    expect(await galley.event("disconnected")).toMatchObject({ code: 4 });
  });

  test("a bug: it costs the stream, and the sink is called again", async () => {
    let broken = true;
    const errors: string[] = [];
    const log = { ...silentLogger, error: (message: string) => void errors.push(message) };
    const observer = {
      ...silentObserver,
      requestReceived(): void {
        if (broken) throw new Error("bug");
      },
    };
    await using galley = new TestCallOut([sink.address], { log, observer });
    galley.publish({ [A]: { a: "1" } });
    const { call } = await accept();
    call.sendBytes(request({ collection: A }));
    await call.cancelled;
    expect(await galley.event("disconnected")).toMatchObject({ code: 13 });
    expect(errors).toEqual(["a stream to a sink threw"]);
    broken = false;
    const { call: next } = await accept();
    next.sendBytes(request({ collection: A }));
    expect(versions(await pushed(next))).toEqual({ a: "1" });
    expect(galley.callOut.sinkCount).toBe(1);
  });

  test("the end of Galley: every stream is cancelled, every socket closed, and nothing counts as open", async () => {
    await using mute = await silent();
    const galley = new TestCallOut([sink.address, mute.address]);
    galley.publish({ [A]: { a: "1" } });
    const { call } = await accept();
    call.sendBytes(request({ collection: A }));
    await pushed(call);
    await until(() => mute.open === 1);
    await galley[Symbol.asyncDispose]();
    await call.cancelled;
    await until(() => mute.left === 1);
    expect(galley.callOut.sinkCount).toBe(0);
    expect(galley.open).toBe(0);
  });

  test("a sink that is not there: it is called at growing intervals, and a healthy stream makes them short again", async () => {
    await using refusing = await TcpServer.start((socket) => socket.destroy());
    const clock = new ManualClock();
    const backoff = { ...reconnectBackoff, jitter: 0 };
    await using galley = new TestCallOut([refusing.address], { clock, backoff });
    const delays: number[] = [];
    for (let n = 0; n < 8; n++) {
      const { retryMs } = await galley.event("disconnected");
      delays.push(Math.round(retryMs));
      clock.advance(retryMs);
    }
    expect(galley.receiveFailures).toEqual([]); // a sink that was never there has not failed
    expect(delays).toEqual([2000, 3200, 5120, 8192, 13107, 20972, 30000, 30000]);

    await using healthy = new TestCallOut([sink.address], { clock, backoff });
    const { call } = await accept();
    await healthy.event("connected");
    clock.advance(HEALTHY_MS);
    call.end(grpc.status.UNAVAILABLE);
    expect(await healthy.event("disconnected")).toMatchObject({ retryMs: 2000 });
  });
});

describe("how Galley proves itself to a sink", () => {
  const ca = issue({ name: "ca", authority: true });
  const server = issue({ name: "sink", issuer: ca, dns: ["localhost"] });

  function secure(): Promise<ScriptedServer> {
    const pair = { private_key: Buffer.from(server.key), cert_chain: Buffer.from(server.cert) };
    return ScriptedServer.start(SINK_STREAM, { credentials: grpc.ServerCredentials.createSsl(null, [pair]) });
  }

  test("GOOGLE: with a token that is asked for before each stream, over TLS", async () => {
    await using secured = await secure();
    let asked = 0;
    const token = (): Promise<string> => Promise.resolve(`token-${++asked}`);
    await using _galley = new TestCallOut([`localhost:${secured.port}`], { authMode: "GOOGLE", token, ca: ca.cert });
    for (const expected of ["Bearer token-1", "Bearer token-2"]) {
      const { call } = await accept(secured);
      expect(call.metadata.get("authorization")).toEqual([expected]);
      call.end(grpc.status.UNAVAILABLE);
    }
  });

  test("GOOGLE: a sink whose certificate is of another authority gets no token", async () => {
    await using secured = await secure();
    const token = (): Promise<string> => Promise.resolve("secret");
    await using galley = new TestCallOut([`localhost:${secured.port}`], { authMode: "GOOGLE", token });
    expect(await galley.event("disconnected")).toMatchObject({ code: 14 });
    expect(secured.opened).toBe(0);
  });

  test("GOOGLE: a token that can't be had, or can't be sent, is asked for again later", async () => {
    await using secured = await secure();
    const tokens = [
      () => Promise.reject(new Error("no metadata server")),
      () => Promise.resolve("two\nlines"),
      () => Promise.resolve("good"),
    ];
    let asked = 0;
    const token = (): Promise<string> => tokens[asked++]!();
    await using galley = new TestCallOut([`localhost:${secured.port}`], { authMode: "GOOGLE", token, ca: ca.cert });
    expect(await galley.event("disconnected")).toMatchObject({ code: 14 });
    expect(await galley.event("disconnected")).toMatchObject({ code: 14 });
    expect((await accept(secured)).call.metadata.get("authorization")).toEqual(["Bearer good"]);
  });

  test("GOOGLE without a source of tokens is refused, and so is a mode that is not known", () => {
    expect(() => new TestCallOut([sink.address], { authMode: "GOOGLE" })).toThrow("needs a source of tokens");
    for (const authMode of ["", "google", "MUTUAL"]) {
      expect(() => new TestCallOut([sink.address], { authMode })).toThrow(
        expect.objectContaining({ code: "GLY_VALUE", message: `auth plugin ${JSON.stringify(authMode)} not found` }),
      );
    }
  });

  test("addresses and metadata that can't be used are refused before anything is dialled", () => {
    expect(() => new TestCallOut([sink.address, "nowhere"])).toThrow(/host:port/);
    expect(() => new TestCallOut([sink.address], { meta: [["Upper", "x"]] })).toThrow(/Upper/);
    expect(sink.opened).toBe(0);
  });
});
