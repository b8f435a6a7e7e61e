import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { reconnectBackoff } from "../../src/grpc/dial/reconnect.ts";
import { SOURCE_STREAM } from "../../src/mcp/protocol.ts";
import { JOURNAL_SIZE } from "../../src/mcp/sink/journal.ts";
import { ScriptedServer } from "./peers/grpc-server.ts";
import { ENTRIES, gateway, GATEWAYS, push, SERVICES } from "./peers/messages.ts";
import { accept, answer } from "./peers/sink-call.ts";
import { TestSink } from "./peers/test-sink.ts";
import { until } from "./peers/waiting.ts";

// The numbers are those of the scenarios that docs/conformance.md lists. The source is @grpc/grpc-js with messages made by hand.

let source: ScriptedServer;

beforeEach(async () => {
  source = await ScriptedServer.start(SOURCE_STREAM);
});

afterEach(async () => {
  await source[Symbol.asyncDispose]();
});

const a = gateway("ns/a", "1");
const b = gateway("ns/b", "1");

describe("a sink that dials", () => {
  test("39: asks for each of its collections when the stream opens, before it has read anything", async () => {
    const collections = [GATEWAYS, SERVICES, ENTRIES];
    const node = { id: "test", annotations: { zone: "x" } };
    await using sink = new TestSink(source.address, { collections, node });
    const call = await source.next();
    const requests = [await answer(call), await answer(call), await answer(call)];
    expect(requests.map((request) => request.collection).sort()).toEqual([...collections].sort());
    for (const request of requests) {
      expect(request).toMatchObject({ responseNonce: "", incremental: false, initialResourceVersions: {} });
      expect(request.errorDetail).toBeUndefined();
      expect(request.sinkNode).toMatchObject(node);
    }
    call.sendHeaders({ "config.source.version": "scripted" });
    expect((await sink.event("connected")).metadata).toMatchObject({ "config.source.version": "scripted" });
    expect(call.arrived.unread).toBe(0);
  });

  test("40: applies a push whole, with its version, and acknowledges it by its nonce", async () => {
    await using sink = new TestSink(source.address);
    const { call } = await accept(source);
    call.sendBytes(push({ collection: GATEWAYS, systemVersionInfo: "v0", nonce: "n0", resources: [a] }));
    expect(await answer(call)).toMatchObject({ collection: GATEWAYS, responseNonce: "n0", incremental: false });
    expect(sink.applied).toMatchObject([{ collection: GATEWAYS, version: "v0", incremental: false, removed: [] }]);
    expect(sink.applied[0]!.resources[0]!.body()).toEqual({ selector: { istio: "ns/a" } });
  });

  test("41: refuses a collection that it did not ask for with code 12, and goes on", async () => {
    await using sink = new TestSink(source.address);
    const { call } = await accept(source);
    call.sendBytes(push({ collection: SERVICES, nonce: "n0", resources: [] }));
    const nack = await answer(call);
    expect(nack).toMatchObject({ collection: SERVICES, responseNonce: "n0", errorDetail: { code: 12 } });
    expect(nack.errorDetail?.message).toBe(`unsupported collection ${SERVICES}`);
    expect(sink.applied).toEqual([]);
    call.sendBytes(push({ collection: GATEWAYS, nonce: "n1", resources: [a] }));
    expect((await answer(call)).errorDetail).toBeUndefined();
  });

  test.each([
    ["of an unknown message", { typeUrl: "type.googleapis.com/no.such.Message", value: new Uint8Array() }],
    ["without a slash in its type URL", { typeUrl: "istio.networking.v1alpha3.Gateway", value: new Uint8Array() }],
    ["of broken bytes", { typeUrl: a.body!.typeUrl!, value: Uint8Array.of(0x0a, 0xff) }],
    ["that is missing", undefined],
  ])("42: refuses a body %s with code 2, and holds what it held", async (_what, body) => {
    await using sink = new TestSink(source.address, { incremental: true });
    const { call } = await accept(source);
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", resources: [a] }));
    await answer(call);
    const bad = { metadata: { name: "ns/bad", version: "1" }, ...(body === undefined ? {} : { body }) };
    call.sendBytes(push({ collection: GATEWAYS, nonce: "2", resources: [b, bad] }));
    expect(await answer(call)).toMatchObject({ responseNonce: "2", incremental: false, errorDetail: { code: 2 } });
    expect(sink.versions).toEqual([{ "ns/a": "1" }]);
    call.end(grpc.status.UNAVAILABLE, "next stream");
    expect((await accept(source)).first.initialResourceVersions).toEqual({ "ns/a": "1" });
  });

  test("42: refuses an unknown message also in a collection that it knows nothing of", async () => {
    await using sink = new TestSink(source.address, { collections: ["example/custom"] });
    const { call } = await accept(source);
    const body = { typeUrl: "type.googleapis.com/no.such.Message", value: new Uint8Array() };
    const unheard = { metadata: { name: "ns/u" }, body };
    call.sendBytes(push({ collection: "example/custom", nonce: "1", resources: [unheard] }));
    expect(await answer(call)).toMatchObject({ responseNonce: "1", errorDetail: { code: 2 } });
    call.sendBytes(push({ collection: "example/custom", nonce: "2", resources: [a] }));
    expect((await answer(call)).errorDetail).toBeUndefined();
    expect(sink.versions).toEqual([{ "ns/a": "1" }]);
  });

  test("43: refuses with code 3 and the text of what the application throws; the NACK asks for no deltas", async () => {
    const apply = (): never => {
      throw new Error("not on a Friday");
    };
    await using sink = new TestSink(source.address, { incremental: true, apply });
    const { call } = await accept(source);
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", resources: [a] }));
    const nack = await answer(call);
    expect(nack).toMatchObject({ responseNonce: "1", incremental: false });
    expect(nack.errorDetail).toMatchObject({ code: 3, message: "not on a Friday" });
    expect(await sink.event("nacked")).toMatchObject({ collection: GATEWAYS, code: 3, message: "not on a Friday" });
    call.end(grpc.status.UNAVAILABLE);
    expect((await accept(source)).first.initialResourceVersions).toEqual({});
  });

  test("43: a promise that rejects refuses too, whatever it rejects with", async () => {
    const reasons = [new Error("later"), "text", undefined, Object.create(null)];
    await using sink = new TestSink(source.address, { apply: () => Promise.reject(reasons[sink.applied.length - 1]) });
    const { call } = await accept(source);
    const texts: (string | undefined)[] = [];
    for (const [n] of reasons.entries()) {
      call.sendBytes(push({ collection: GATEWAYS, nonce: `${n}`, resources: [a] }));
      texts.push((await answer(call)).errorDetail?.message);
    }
    expect(texts).toEqual(["later", "text", "undefined", "refused"]);
  });

  test("44: acknowledges and holds a good version after a refused one", async () => {
    let refuses = true;
    const apply = (): void => {
      if (refuses) throw new Error("no");
    };
    await using sink = new TestSink(source.address, { apply });
    const { call } = await accept(source);
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", resources: [a] }));
    expect((await answer(call)).errorDetail).toBeDefined();
    refuses = false;
    call.sendBytes(push({ collection: GATEWAYS, nonce: "2", resources: [b] }));
    const ack = await answer(call);
    expect(ack).toMatchObject({ responseNonce: "2" });
    expect(ack.errorDetail).toBeUndefined();
    expect(sink.versions).toEqual([{ "ns/a": "1" }, { "ns/b": "1" }]);
  });

  test("45: names no versions after a reconnect when it does not ask for deltas", async () => {
    await using sink = new TestSink(source.address);
    const { call } = await accept(source);
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", resources: [a] }));
    await answer(call);
    call.end(grpc.status.UNAVAILABLE);
    expect((await accept(source)).first).toMatchObject({ incremental: false, initialResourceVersions: {} });
    expect(sink.versions).toHaveLength(1);
  });

  test("46: names what it holds after a reconnect when it asks for deltas", async () => {
    await using sink = new TestSink(source.address, { incremental: true });
    const { call, first } = await accept(source);
    expect(first).toMatchObject({ incremental: true, initialResourceVersions: {} });
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", resources: [a, b] }));
    expect(await answer(call)).toMatchObject({ incremental: true });
    call.sendBytes(
      push({ collection: GATEWAYS, nonce: "2", incremental: true, removedResources: ["ns/b", "ns/unheard"] }),
    );
    await answer(call);
    expect(sink.applied[1]).toMatchObject({ incremental: true, removed: ["ns/b", "ns/unheard"] });
    call.end(grpc.status.UNAVAILABLE);
    expect((await accept(source)).first).toMatchObject({ incremental: true, initialResourceVersions: { "ns/a": "1" } });
  });

  test("47: holds what it applied even when the ACK never got out", async () => {
    let finish: () => void = () => undefined;
    let gone: AbortSignal | undefined;
    const apply = (_change: unknown, signal: AbortSignal): Promise<void> => {
      gone = signal;
      return new Promise((resolve) => (finish = resolve));
    };
    await using sink = new TestSink(source.address, { incremental: true, apply });
    const { call } = await accept(source);
    call.sendBytes(push({ collection: GATEWAYS, nonce: "1", resources: [a] }));
    await until(() => sink.applied.length === 1);
    call.end(grpc.status.UNAVAILABLE, "gone meanwhile");
    await until(() => gone!.aborted);
    finish();
    expect(await sink.event("disconnected")).toMatchObject({ code: 14, message: "gone meanwhile" });
    expect((await accept(source)).first.initialResourceVersions).toEqual({ "ns/a": "1" });
  });

  test("48: comes back after a clean end and after an error, each time after a delay of a second or more", async () => {
    const clock = new ManualClock();
    await using sink = new TestSink(source.address, { clock, backoff: reconnectBackoff });
    const first = await accept(source);
    first.call.end();
    const clean = await sink.event("disconnected");
    expect(clean).toMatchObject({ code: 0 });
    expect(clean.retryMs).toBeGreaterThanOrEqual(1000);
    clock.advance(clean.retryMs - 1);
    expect(clock.pending).toBe(1); // still waiting, with nothing else under way
    clock.advance(1);
    const second = await accept(source);
    second.call.end(grpc.status.INTERNAL, "broken");
    const failed = await sink.event("disconnected");
    expect(failed).toMatchObject({ code: 13, message: "broken" });
    expect(failed.retryMs).toBeGreaterThanOrEqual(1600);
    clock.advance(failed.retryMs);
    await accept(source);
  });

  test("51: remembers its last 32 requests, oldest first, NACKs marked", async () => {
    const clock = new ManualClock();
    const apply = (change: { version: string }): void => {
      if (change.version === "refuse") throw new Error("no");
    };
    await using sink = new TestSink(source.address, { apply, clock });
    const { call } = await accept(source);
    for (let n = 1; n <= 33; n++) {
      clock.advance(1);
      const systemVersionInfo = n === 33 ? "refuse" : "take";
      call.sendBytes(push({ collection: GATEWAYS, nonce: `${n}`, systemVersionInfo, resources: [a] }));
      await answer(call);
    }
    const { entries } = sink.journal;
    expect(entries).toHaveLength(JOURNAL_SIZE);
    expect(entries.map((entry) => entry.nonce)).toEqual(Array.from({ length: 32 }, (_, n) => `${n + 2}`));
    expect(entries.map((entry) => entry.at)).toEqual(Array.from({ length: 32 }, (_, n) => n + 2));
    expect(entries.filter((entry) => !entry.acked)).toMatchObject([
      { nonce: "33", collection: GATEWAYS, error: { code: 3, message: "no" } },
    ]);
  });
});
