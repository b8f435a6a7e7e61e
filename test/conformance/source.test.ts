import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RawSink, versions } from "../support/raw-sink.ts";
import { A, B, C, FENCE, SYNTHETIC, TestServer } from "../support/test-server.ts";

// The numbers are those of the scenarios that docs/conformance.md lists. The sink is @grpc/grpc-js with requests made by hand.

/** Far more than a connection takes of a server before its sink reads. */
const large = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`namespace/large-${i}`, "1"]));

let server: TestServer;
let sink: RawSink;

beforeEach(async () => {
  server = await TestServer.start();
  sink = new RawSink(server.address);
});

afterEach(async () => {
  sink[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** Nothing is due for the sink: what it asks for now is answered next. */
async function expectSilence(to: RawSink = sink): Promise<void> {
  to.send({ collection: FENCE });
  const next = await to.next();
  expect(next.collection).toBe(FENCE);
  to.ack(next);
}

describe("a sink that asks", () => {
  test("1: gets the collection, after the headers that name the source's version", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    const message = await sink.next();
    expect(message).toMatchObject({ collection: A, nonce: "1", incremental: false, removedResources: [] });
    expect(message.systemVersionInfo).not.toBe("");
    expect(versions(message)).toEqual({ a1: "1" });
    expect(message.resources[0]?.body?.typeUrl).toBe("type.googleapis.com/google.protobuf.Empty");
    expect((await sink.headers).get("config.source.version")).toEqual(["test-build"]);
    expect(sink.order).toEqual(["headers", "message"]);
  });

  test("1: gets the headers even when it says nothing", async () => {
    // grpc-js opens the stream with the first write; a request for what is not published says as good as nothing.
    sink.send({ collection: A });
    expect((await sink.headers).get("config.source.version")).toEqual(["test-build"]);
    expect(sink.order).toEqual(["headers"]);
  });

  test("2: before there is a snapshot, hears nothing until there is one", async () => {
    sink.send({ collection: A });
    await server.sinks(1);
    await sink.headers;
    expect(sink.unread).toBe(0);
    server.publish({ [A]: { a1: "1" } });
    expect(versions(await sink.next())).toEqual({ a1: "1" });
    await expectSilence();
  });

  test("3: for what the snapshot lacks, hears nothing until a snapshot has it", async () => {
    server.publish({ [B]: {} });
    sink.send({ collection: A });
    await expectSilence();
    server.publish({ [A]: { a1: "1" }, [B]: {} });
    expect(versions(await sink.next())).toEqual({ a1: "1" });
  });

  test("4: for an empty collection, gets an empty push with version 0", async () => {
    server.publish({ [A]: {} });
    sink.send({ collection: A });
    expect(await sink.next()).toMatchObject({ collection: A, systemVersionInfo: "0", nonce: "1", resources: [] });
  });

  test("5: and acknowledges, hears nothing until the next version", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    sink.ack(await sink.next());
    await expectSilence();
    server.publish({ [A]: { a1: "2" } });
    const second = await sink.next();
    expect(versions(second)).toEqual({ a1: "2" });
    expect(second.nonce).toBe("3"); // the fence took 2
  });

  test("6: and has not acknowledged, gets only the newest version once it does", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    const first = await sink.next();
    server.publish({ [A]: { a1: "2" } });
    server.publish({ [A]: { a1: "3" } });
    await expectSilence();
    sink.ack(first);
    const next = await sink.next();
    expect(versions(next)).toEqual({ a1: "3" });
    sink.ack(next);
    await expectSilence();
  });

  test("7: and refuses, is not sent that version again, only the next", async () => {
    server.publish({ [A]: { a1: "2" } });
    sink.send({ collection: A });
    sink.nack(await sink.next());
    await expectSilence();
    server.publish({ [A]: { a1: "3" } });
    expect(versions(await sink.next())).toEqual({ a1: "3" });
  });

  test("8: and refuses, is sent an earlier version when that is published again", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    const first = await sink.next();
    sink.ack(first);
    server.publish({ [A]: { a1: "2" } });
    sink.nack(await sink.next());
    server.publish({ [A]: { a1: "1" } });
    const back = await sink.next();
    expect(back.systemVersionInfo).toBe(first.systemVersionInfo);
    expect(versions(back)).toEqual({ a1: "1" });
  });

  test("13: for an acknowledged collection anew, gets all of it again under a fresh nonce", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    const first = await sink.next();
    sink.ack(first);
    sink.send({ collection: A });
    const again = await sink.next();
    expect(again.nonce).toBe("2");
    expect(versions(again)).toEqual(versions(first));
  });

  test("14: for an unknown collection, loses its stream with INVALID_ARGUMENT", async () => {
    sink.send({ collection: "istio/no/such/thing" });
    expect(await sink.status).toMatchObject({ code: 3, details: 'unsupported collection "istio/no/such/thing"' });
  });

  test("14: for no collection at all, loses its stream too", async () => {
    sink.send({});
    expect(await sink.status).toMatchObject({ code: 3, details: 'unsupported collection ""' });
  });

  test("20: twice at once, has one unanswered push at most and gets later versions", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    sink.send({ collection: A });
    const first = await sink.next();
    await expectSilence();
    sink.ack(first);
    await expectSilence();
    server.publish({ [A]: { a1: "2" } });
    expect(versions(await sink.next())).toEqual({ a1: "2" });
  });

  test("22: for two collections, is pushed only the one that changed", async () => {
    server.publish({ [A]: { a1: "1" }, [B]: { b1: "1" } });
    sink.send({ collection: A });
    sink.ack(await sink.next());
    sink.send({ collection: B });
    sink.ack(await sink.next());
    server.publish({ [A]: { a1: "1" }, [B]: { b1: "2" } });
    expect((await sink.next()).collection).toBe(B);
    await expectSilence();
  });

  test("58: for the synthetic collection, is answered from its own group alone", async () => {
    server.publish({ [A]: { a1: "1" }, [SYNTHETIC]: { s0: "0" } });
    sink.send({ collection: SYNTHETIC });
    await expectSilence();
    server.publishSynthetic({ [SYNTHETIC]: { s1: "1" }, [A]: { a1: "2" } });
    expect(versions(await sink.next())).toEqual({ s1: "1" });
    await expectSilence();
  });

  test("60: while the snapshot is cleared, waits for the next one", async () => {
    server.publish({ [A]: { a1: "1" } });
    server.publishSynthetic({ [SYNTHETIC]: {} });
    server.hub.clear("default");
    sink.send({ collection: A });
    sink.send({ collection: SYNTHETIC });
    expect((await sink.next()).collection).toBe(SYNTHETIC); // of the other group; nothing was due before it
    server.publish({ [A]: { a1: "1" } });
    expect(versions(await sink.next())).toEqual({ a1: "1" });
  });
});

describe("nonces", () => {
  test("9: a stale one, ACK or NACK, has no effect, and the right one still counts", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    const first = await sink.next();
    sink.ack({ ...first, nonce: "stale" });
    sink.nack({ ...first, nonce: "stale" });
    server.publish({ [A]: { a1: "2" } });
    await expectSilence();
    sink.ack(first);
    expect(versions(await sink.next())).toEqual({ a1: "2" });
    await expectSilence();
  });

  test("10: one in a first message is stale, and a subscribe after it works", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A, responseNonce: "7" });
    await expectSilence();
    sink.send({ collection: A });
    expect(versions(await sink.next())).toEqual({ a1: "1" });
  });

  test("11: one of an earlier stream is stale, and a new stream counts from 1", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    const old = await sink.next();
    using second = new RawSink(server.address);
    second.ack(old);
    await expectSilence(second);
    using third = new RawSink(server.address);
    third.send({ collection: A });
    expect((await third.next()).nonce).toBe("1");
  });

  test("12: are unique over all collections of a stream, and answers in any order find their push", async () => {
    server.publish({ [A]: { a1: "1" }, [B]: { b1: "1" } });
    sink.send({ collection: A });
    sink.send({ collection: B });
    const first = await sink.next();
    const second = await sink.next();
    expect([first.nonce, second.nonce]).toEqual(["1", "2"]);
    sink.ack(second);
    sink.ack(first);
    server.publish({ [A]: { a1: "2" }, [B]: { b1: "2" } });
    const third = await sink.next();
    const fourth = await sink.next();
    expect([third.collection, fourth.collection].sort()).toEqual([A, B].sort());
  });

  test("21: an empty one is no answer: the push under way stays to be acknowledged", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    const first = await sink.next();
    sink.send({ collection: A, incremental: true });
    server.publish({ [A]: { a1: "2" } });
    await expectSilence();
    sink.ack(first, true);
    const second = await sink.next();
    expect(second.incremental).toBe(true);
    expect(versions(second)).toEqual({ a1: "2" });
  });

  test("21: with an error detail an empty one is no NACK either", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    const first = await sink.next();
    sink.send({ collection: A, errorDetail: { code: 3, message: "ignored" } });
    server.publish({ [A]: { a1: "2" } });
    await expectSilence();
    sink.ack(first);
    expect(versions(await sink.next())).toEqual({ a1: "2" });
  });
});

describe("the trigger of calling sources", () => {
  test("15: its refusal is swallowed", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: "$triggerCollection", errorDetail: { code: 12, message: "unsupported" } });
    sink.send({ collection: A });
    expect(versions(await sink.next())).toEqual({ a1: "1" });
  });

  test("16: without that refusal it is an unknown collection", async () => {
    sink.send({ collection: "$triggerCollection" });
    expect(await sink.status).toMatchObject({ code: 3, details: 'unsupported collection "$triggerCollection"' });
    using other = new RawSink(server.address);
    other.send({ collection: "$triggerCollection", errorDetail: { code: 3 } });
    expect((await other.status).code).toBe(3);
  });
});

describe("a busy or broken stream", () => {
  test("17: whatever is published while the writer is blocked, each collection is sent once, newest, first come first served", async () => {
    server.publish({ [A]: {}, [B]: {}, [C]: large });
    sink.send({ collection: A });
    sink.ack(await sink.next());
    sink.send({ collection: B });
    sink.ack(await sink.next());
    await expectSilence();
    sink.pause();
    sink.send({ collection: C });
    await server.sinks(1);
    while ([...server.service.sinks()][0]?.collections.every((c) => c.collection !== C || c.sent === undefined)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    server.publish({ [A]: {}, [B]: { b: "1" }, [C]: large });
    server.publish({ [A]: { a: "1" }, [B]: { b: "1" }, [C]: large });
    server.publish({ [A]: { a: "1" }, [B]: { b: "2" }, [C]: large });
    sink.resume();
    expect((await sink.next()).collection).toBe(C);
    const next = await sink.next();
    expect([next.collection, versions(next)]).toEqual([B, { b: "2" }]);
    const last = await sink.next();
    expect([last.collection, versions(last)]).toEqual([A, { a: "1" }]);
  });

  test("18: when the server cancels its watches, ends with UNAVAILABLE", async () => {
    server.publish({ [A]: {} });
    sink.send({ collection: A });
    sink.ack(await sink.next());
    server.service.cancelWatches();
    expect(await sink.status).toMatchObject({ code: 14, details: "server canceled watch" });
  });

  test("19: half-closed by the sink, ends with OK and leaves no watch behind", async () => {
    server.publish({ [A]: {} });
    sink.send({ collection: A });
    sink.ack(await sink.next());
    expect(server.hub.watchers(A)).toBe(1);
    sink.halfClose();
    expect((await sink.status).code).toBe(0);
    await server.sinks(0);
    expect(server.hub.watchers(A)).toBe(0);
  });

  test("half-closed right behind its requests is sent what is due before it ends with OK", async () => {
    server.publish({ [A]: { a1: "1" }, [B]: { b1: "1" } });
    sink.send({ collection: A });
    sink.send({ collection: B });
    sink.halfClose();
    expect([(await sink.next()).collection, (await sink.next()).collection].sort()).toEqual([A, B]);
    expect((await sink.status).code).toBe(0);
  });

  test("half-closed before anything is published ends with OK at once", async () => {
    sink.send({ collection: A });
    sink.halfClose();
    expect((await sink.status).code).toBe(0);
  });

  test("23: that is opened anew gets everything again", async () => {
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    const first = await sink.next();
    sink.ack(first);
    sink.cancel();
    await server.sinks(0);
    using again = new RawSink(server.address);
    again.send({ collection: A });
    expect(versions(await again.next())).toEqual(versions(first));
  });

  test("26: that sends a request over the limit ends with RESOURCE_EXHAUSTED", async () => {
    sink.sendBytes(new Uint8Array(1024 * 1024 + 1));
    expect((await sink.status).code).toBe(8);
  });

  test("26: that sends bytes which are no request ends with INTERNAL", async () => {
    sink.sendBytes(Uint8Array.from([0xff, 0xff, 0xff]));
    expect((await sink.status).code).toBe(13);
  });

  test("27: ends with UNAVAILABLE within the deadline when the server shuts down", async () => {
    server.publish({ [A]: {}, [B]: large });
    sink.send({ collection: A });
    sink.ack(await sink.next());
    using owing = new RawSink(server.address);
    owing.send({ collection: A });
    await owing.next();
    using dumb = new RawSink(server.address);
    dumb.pause();
    dumb.send({ collection: B });
    using quiet = new RawSink(server.address);
    quiet.send({ collection: C });
    await server.sinks(4);
    await server.grpc.shutdown(300);
    // Neither a stream nor a connection is left, whatever sinks do: one of them reads nothing.
    expect([server.grpc.streams, server.grpc.connections, server.service.sinkCount]).toEqual([0, 0, 0]);
    dumb.resume();
    for (const each of [sink, owing, dumb, quiet]) expect((await each.status).code).toBe(14);
  });

  test("59: that is gone is not pushed to", async () => {
    server.publish({ [A]: {} });
    sink.send({ collection: A });
    sink.ack(await sink.next());
    sink.cancel();
    await server.sinks(0);
    server.publish({ [A]: { a1: "1" } });
    expect(server.hub.watchers(A)).toBe(0);
    expect(sink.unread).toBe(0);
  });

  test("61: shows as synced only while it has acknowledged what is published, and not at all once it is gone", async () => {
    const synced = (): unknown => [...server.service.sinks()].map((s) => s.collections.map((c) => c.synced));
    server.publish({ [A]: { a1: "1" } });
    sink.send({ collection: A });
    sink.ack(await sink.next());
    await expectSilence();
    expect(synced()).toEqual([[true, false]]);
    server.publish({ [A]: { a1: "2" } });
    expect(synced()).toEqual([[false, false]]);
    sink.nack(await sink.next());
    await expectSilence();
    expect([...server.service.sinks()][0]?.collections[0]).toMatchObject({
      synced: false,
      nacked: { code: 3, message: "refused by the test" },
    });
    sink.cancel();
    await server.sinks(0);
    expect(synced()).toEqual([]);
  });
});
