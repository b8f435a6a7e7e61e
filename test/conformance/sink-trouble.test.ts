import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { HEALTHY_MS, reconnectBackoff } from "../../src/grpc/dial/reconnect.ts";
import { SOURCE_STREAM } from "../../src/mcp/protocol.ts";
import { UnsupportedCollectionError } from "../../src/mcp/sink/unsupported.ts";
import { ScriptedServer, type ServerCall } from "./peers/grpc-server.ts";
import { gateway, GATEWAYS, push, SERVICES } from "./peers/messages.ts";
import { answer } from "./peers/sink-call.ts";
import { FreezingProxy, silent, TcpServer } from "./peers/tcp.ts";
import { TestSink } from "./peers/test-sink.ts";
import { until } from "./peers/waiting.ts";

// What goes wrong round a sink that dials: sources, networks and applications that misbehave.

let source: ScriptedServer;

beforeEach(async () => {
  source = await ScriptedServer.start(SOURCE_STREAM);
});

afterEach(async () => {
  await source[Symbol.asyncDispose]();
});

async function accept(): Promise<ServerCall> {
  const call = await source.next();
  call.sendHeaders();
  await call.arrived.next();
  return call;
}

const whole = (nonce: string, ...names: string[]): Uint8Array =>
  push({ collection: GATEWAYS, nonce, resources: names.map((name) => gateway(name, "1")) });

const never = (): Promise<void> => new Promise(() => undefined);

describe("a source that breaks the rules", () => {
  test("is refused a body of another message than its collection's with code 3", async () => {
    await using sink = new TestSink(source.address, { collections: [SERVICES] });
    const call = await accept();
    call.sendBytes(push({ collection: SERVICES, nonce: "1", resources: [gateway("ns/a", "1")] }));
    const nack = await answer(call);
    expect(nack.errorDetail).toMatchObject({
      code: 3,
      message: "ns/a: the body is a istio.networking.v1alpha3.Gateway, not a istio.networking.v1alpha3.VirtualService",
    });
    expect(sink.applied).toEqual([]);
  });

  test("is refused a delta that was not asked for with code 3", async () => {
    await using sink = new TestSink(source.address);
    const call = await accept();
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", incremental: true, removedResources: ["ns/a"] }));
    expect(await answer(call)).toMatchObject({ responseNonce: "1", errorDetail: { code: 3 } });
    expect(sink.applied).toEqual([]);
  });

  test.each([
    ["without metadata", {}],
    ["without a name", { metadata: { version: "1" } }],
  ])("is refused a resource %s with code 3", async (_what, metadata) => {
    await using sink = new TestSink(source.address);
    const call = await accept();
    const { body } = gateway("ns/a", "1");
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", resources: [{ ...metadata, body: body! }] }));
    expect(await answer(call)).toMatchObject({ responseNonce: "1", errorDetail: { code: 3 } });
    expect(sink.applied).toEqual([]);
  });

  test("is not believed what a whole push says is removed: it is gone by its absence", async () => {
    await using sink = new TestSink(source.address, { incremental: true });
    const call = await accept();
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", resources: [gateway("a", "1")], removedResources: ["a"] }));
    await answer(call);
    expect(sink.applied).toMatchObject([{ incremental: false, removed: [] }]);
    call.end(grpc.status.UNAVAILABLE);
    const next = await source.next();
    expect((await answer(next)).initialResourceVersions).toEqual({ a: "1" });
  });

  test("loses its stream when it sends what is not MCP, and is asked anew", async () => {
    await using sink = new TestSink(source.address);
    const call = await accept();
    call.sendBytes(Uint8Array.of(0xff, 0xff, 0xff));
    await call.cancelled;
    expect(await sink.event("disconnected")).toMatchObject({ code: 13 });
    await accept();
  });

  test("loses its stream when a message is longer than the sink takes", async () => {
    await using sink = new TestSink(source.address, { limits: { maxReceivedMessageBytes: 1000 } });
    const call = await accept();
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", resources: [gateway("x".repeat(1000), "1")] }));
    expect(await sink.event("disconnected")).toMatchObject({ code: 8 });
    expect(sink.applied).toEqual([]);
  });

  test("that doesn't serve a collection ends the sink with an error that names it", async () => {
    const sink = new TestSink(source.address);
    const call = await accept();
    call.end(grpc.status.INVALID_ARGUMENT, `unsupported collection "${GATEWAYS}"`);
    const error = await sink.ended.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnsupportedCollectionError);
    expect(error).toMatchObject({ collection: GATEWAYS, code: "GLY_UNSUPPORTED_COLLECTION" });
  });

  test("that doesn't serve a collection is asked again and again when that is wished", async () => {
    await using sink = new TestSink(source.address, { whenUnsupported: "retry" });
    for (let n = 0; n < 3; n++) {
      const call = await accept();
      call.end(grpc.status.INVALID_ARGUMENT, `unsupported collection "${GATEWAYS}"`);
      expect(await sink.event("disconnected")).toMatchObject({ code: 3 });
    }
  });

  test("that names a collection nobody asked for is just a source that failed", async () => {
    await using sink = new TestSink(source.address);
    (await accept()).end(grpc.status.INVALID_ARGUMENT, 'unsupported collection "other"');
    expect(await sink.event("disconnected")).toMatchObject({ code: 3 });
    await accept();
  });
});

describe("a network in trouble", () => {
  test("a source that nobody listens for is dialled at growing intervals, and nothing happens in between", async () => {
    await using refusing = await TcpServer.start((socket) => socket.destroy());
    const clock = new ManualClock();
    await using sink = new TestSink(refusing.address, { clock, backoff: reconnectBackoff });
    const delays: number[] = [];
    for (let n = 1; n <= 6; n++) {
      const { retryMs, code } = await sink.event("disconnected");
      expect(code).toBe(grpc.status.UNAVAILABLE);
      expect(refusing.accepted).toBe(n);
      delays.push(retryMs);
      clock.advance(retryMs);
    }
    for (const [n, delay] of delays.entries()) {
      const longest = 2000 * 1.6 ** n;
      expect(delay).toBeLessThanOrEqual(longest);
      expect(delay).toBeGreaterThanOrEqual(longest / 2);
    }
  });

  test("after a healthy stream the delay is the shortest again", async () => {
    const clock = new ManualClock();
    await using sink = new TestSink(source.address, { clock, backoff: { ...reconnectBackoff, jitter: 0 } });
    const delays: number[] = [];
    for (const aliveMs of [0, 0, 0, HEALTHY_MS]) {
      const call = await accept();
      await sink.event("connected");
      clock.advance(aliveMs);
      call.end(grpc.status.UNAVAILABLE);
      const { retryMs } = await sink.event("disconnected");
      delays.push(retryMs);
      clock.advance(retryMs);
    }
    expect(delays.map(Math.round)).toEqual([2000, 3200, 5120, 2000]);
  });

  test("a source that takes the connection and says nothing is given up after a while, its socket closed", async () => {
    await using server = await silent();
    const clock = new ManualClock();
    await using sink = new TestSink(server.address, { clock, limits: { connectMs: 3000 } });
    await until(() => server.open === 1);
    clock.advance(2999);
    expect(sink.events.unread).toBe(1); // connecting
    clock.advance(1);
    await until(() => clock.pending > 0); // the polite goodbye has its time
    clock.advance(500);
    await until(() => server.left === 1);
    await server.broken();
    expect(await sink.event("disconnected")).toMatchObject({
      code: 14,
      message: expect.stringMatching(/^no connection/),
    });
  });

  test("a connection that went dead is noticed by its silence, and replaced", async () => {
    await using proxy = await FreezingProxy.start(source.port);
    const limits = { keepaliveMs: 20, keepaliveTimeoutMs: 20 };
    await using sink = new TestSink(proxy.tcp.address, { limits });
    await accept();
    proxy.freeze();
    expect(await sink.event("disconnected")).toMatchObject({ code: grpc.status.UNAVAILABLE });
    await accept();
  });

  test("a source that says GOAWAY keeps its stream until it ends it", async () => {
    await using sink = new TestSink(source.address);
    const call = await accept();
    const drained = source.drain();
    call.sendBytes(whole("1", "a"));
    expect(await answer(call)).toMatchObject({ responseNonce: "1" });
    call.end(grpc.status.UNAVAILABLE, "moving");
    expect(await sink.event("disconnected")).toMatchObject({ code: 14, message: "moving" });
    await drained;
    expect(sink.versions).toEqual([{ a: "1" }]);
  });
});

describe("an application that takes its time", () => {
  test("holds the source back: changes are applied one after the other, answers in their order", async () => {
    const finish: (() => void)[] = [];
    await using sink = new TestSink(source.address, { apply: () => new Promise<void>((done) => finish.push(done)) });
    const call = await accept();
    for (let n = 1; n <= 40; n++) call.sendBytes(whole(`${n}`, `r${n}`));
    for (let n = 1; n <= 40; n++) {
      await until(() => finish.length === n);
      expect(sink.applied).toHaveLength(n);
      expect(call.arrived.unread).toBe(0);
      finish[n - 1]!();
      expect(await answer(call)).toMatchObject({ responseNonce: `${n}` });
    }
  });

  test("is told when the stream is gone, and the next stream waits for it", async () => {
    let finish: () => void = () => undefined;
    let gone: AbortSignal | undefined;
    await using sink = new TestSink(source.address, {
      incremental: true,
      apply: (_change, signal) => {
        gone = signal;
        return new Promise<void>((resolve) => (finish = resolve));
      },
    });
    const call = await accept();
    call.sendBytes(whole("1", "a"));
    await until(() => gone !== undefined);
    expect(gone!.aborted).toBe(false);
    call.end(grpc.status.UNAVAILABLE);
    await until(() => gone!.aborted);
    expect(source.opened).toBe(1);
    finish();
    const next = await source.next();
    expect((await answer(next)).initialResourceVersions).toEqual({ a: "1" });
    expect(sink.applied).toHaveLength(1);
  });
});

describe("a sink that is stopped", () => {
  test("before it begins, doesn't dial", async () => {
    await using refusing = await TcpServer.start((socket) => socket.destroy());
    const signal = AbortSignal.abort();
    const sink = new TestSink(refusing.address, { signal });
    await sink.ended;
    expect(refusing.accepted).toBe(0);
    expect(sink.events.unread).toBe(0);
  });

  test("while it connects to a source that never says a word, closes the socket", async () => {
    await using server = await silent();
    const sink = new TestSink(server.address);
    await until(() => server.open === 1);
    sink.stop();
    await sink.ended;
    await until(() => server.left === 1);
    await server.broken();
  });

  test("while its connection is dead, closes the socket", async () => {
    await using proxy = await FreezingProxy.start(source.port);
    const sink = new TestSink(proxy.tcp.address);
    await accept();
    proxy.freeze();
    sink.stop();
    await sink.ended;
    await proxy.tcp.broken();
  });

  test("while it waits to reconnect, ends at once", async () => {
    await using refusing = await TcpServer.start((socket) => socket.destroy());
    const clock = new ManualClock();
    const sink = new TestSink(refusing.address, { clock });
    await sink.event("disconnected");
    await until(() => clock.pending === 1);
    sink.stop();
    await sink.ended;
    expect(clock.pending).toBe(0);
    expect(refusing.accepted).toBe(1);
  });

  test("while a change is being applied, tells the application and doesn't wait for it", async () => {
    let gone: AbortSignal | undefined;
    const sink = new TestSink(source.address, {
      apply: (_change, signal) => {
        gone = signal;
        return never();
      },
    });
    const call = await accept();
    call.sendBytes(whole("1", "a"));
    await until(() => gone !== undefined);
    sink.stop();
    await sink.ended;
    expect(gone!.aborted).toBe(true);
    await call.cancelled;
  });

  test("while it is idle, cancels its stream", async () => {
    const clock = new ManualClock();
    const sink = new TestSink(source.address, { clock });
    const call = await accept();
    await sink.event("connected");
    sink.stop();
    await sink.ended;
    await call.cancelled;
    expect(clock.pending).toBe(0);
  });

  test("by the application that it feeds, ends", async () => {
    const sink = new TestSink(source.address, { apply: () => sink.stop() });
    const call = await accept();
    call.sendBytes(whole("1", "a"));
    await sink.ended;
    await call.cancelled;
  });
});

test("a source that can't be reached is reported with the reason, and no more", async () => {
  await source[Symbol.asyncDispose]();
  await using sink = new TestSink(source.address);
  expect((await sink.event("disconnected")).message).toBe(`connect ECONNREFUSED ${source.address}`);
});

test("a listener that throws ends the sink with its error", async () => {
  const sink = new TestSink(source.address, {
    onEvent: (event) => {
      if (event.kind === "connected") throw new Error("no listener");
    },
  });
  await accept();
  await expect(sink.ended).rejects.toThrow("no listener");
});

test("options that can't be used are told at once", async () => {
  const ended = (address: string, options = {}): Promise<void> => new TestSink(address, options).ended;
  await expect(ended("nowhere")).rejects.toThrow(/host:port/);
  await expect(ended("127.0.0.1:0")).rejects.toThrow("its port is 0");
  await expect(ended("http://127.0.0.1:1")).rejects.toThrow(/http/);
  await expect(ended(source.address, { collections: [] })).rejects.toThrow("at least one collection");
  await expect(ended(source.address, { tls: { cert: "no PEM", key: "no PEM" } })).rejects.toThrow(/PEM/i);
  await expect(ended(source.address, { metadata: [["Bad Key", "x"]] })).rejects.toThrow(/Bad Key/);
});

test("versions kept from an earlier life are resumed from, unless they are too many for one request", async () => {
  const held = (count: number): Map<string, Map<string, string>> =>
    new Map([[GATEWAYS, new Map(Array.from({ length: count }, (_, n) => [`namespace/gateway-${n}`, "0".repeat(32)]))]]);
  for (const [count, named] of [
    [2, 2],
    [30_000, 0],
  ] as const) {
    await using _sink = new TestSink(source.address, { incremental: true, held: held(count) });
    const call = await source.next();
    const first = await answer(call);
    expect(first.incremental).toBe(true);
    expect(Object.keys(first.initialResourceVersions)).toHaveLength(named);
  }
});
