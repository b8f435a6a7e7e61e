import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Resources } from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { RawSink, versions } from "../support/raw-sink.ts";
import { A, FENCE, TestServer } from "../support/test-server.ts";

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

function publish(content: Record<string, string>): void {
  server.publish({ [A]: content });
}

/** Subscribes for deltas and acknowledges the first state, which is whole. */
async function hold(content: Record<string, string>): Promise<void> {
  publish(content);
  sink.send({ collection: A, incremental: true });
  const first = await sink.next();
  expect(first.incremental).toBe(false);
  sink.ack(first, true);
}

function delta(message: Resources): unknown {
  return { inc: message.incremental, resources: versions(message), removed: message.removedResources };
}

describe("a sink that asks for deltas", () => {
  test("28: is sent what was added and what changed", async () => {
    await hold({ a: "1" });
    publish({ a: "2", b: "1" });
    expect(delta(await sink.next())).toEqual({ inc: true, resources: { a: "2", b: "1" }, removed: [] });
  });

  test("29: is sent the names of what is gone", async () => {
    await hold({ a: "1", b: "1", c: "1" });
    publish({ b: "2", c: "1" });
    expect(delta(await sink.next())).toEqual({ inc: true, resources: { b: "2" }, removed: ["a"] });
  });

  test("30: is sent all names when all is gone", async () => {
    await hold({ a: "1", b: "1" });
    publish({});
    expect(delta(await sink.next())).toEqual({ inc: true, resources: {}, removed: ["a", "b"] });
  });

  test("31: and refuses one as a delta, gets the refused changes again with the next version", async () => {
    await hold({ a: "1" });
    publish({ a: "2" });
    sink.nack(await sink.next(), true);
    publish({ a: "2", d: "1" });
    expect(delta(await sink.next())).toEqual({ inc: true, resources: { a: "2", d: "1" }, removed: [] });
  });

  test("32: and refuses without asking for deltas, gets everything next, and deltas from there on", async () => {
    await hold({ a: "1" });
    publish({ a: "2" });
    sink.nack(await sink.next(), false);
    publish({ a: "2", d: "1" });
    const whole = await sink.next();
    expect(delta(whole)).toEqual({ inc: false, resources: { a: "2", d: "1" }, removed: [] });
    sink.ack(whole, true);
    publish({ d: "1" });
    expect(delta(await sink.next())).toEqual({ inc: true, resources: {}, removed: ["a"] });
  });

  test("35: then for one round does not, gets that one whole, and deltas against it afterwards", async () => {
    await hold({ a: "1" });
    publish({ a: "2" });
    sink.ack(await sink.next(), false);
    publish({ a: "2", b: "1" });
    const whole = await sink.next();
    expect(delta(whole)).toEqual({ inc: false, resources: { a: "2", b: "1" }, removed: [] });
    sink.ack(whole, true);
    publish({ b: "1" });
    expect(delta(await sink.next())).toEqual({ inc: true, resources: {}, removed: ["a"] });
  });

  test("36: hears nothing of a publish that changes no resource", async () => {
    await hold({ a: "1" });
    publish({ a: "1" });
    sink.send({ collection: FENCE });
    expect((await sink.next()).collection).toBe(FENCE);
  });

  test("37: and names what it kept, is sent only what differs, deletions included", async () => {
    publish({ a: "1", b: "1" });
    sink.send({ collection: A, incremental: true, initialResourceVersions: { a: "1", z: "9" } });
    expect(delta(await sink.next())).toEqual({ inc: true, resources: { b: "1" }, removed: ["z"] });
  });

  test("37: and kept all that there is, is told so with an empty delta", async () => {
    publish({ a: "1" });
    sink.send({ collection: A, incremental: true, initialResourceVersions: { a: "1" } });
    expect(delta(await sink.next())).toEqual({ inc: true, resources: {}, removed: [] });
  });

  test("38: and kept nothing, gets everything, not marked as a delta", async () => {
    publish({ a: "1" });
    sink.send({ collection: A, incremental: true });
    expect(delta(await sink.next())).toEqual({ inc: false, resources: { a: "1" }, removed: [] });
  });
});

test("33: a server that has deltas switched off sends everything to whoever asks", async () => {
  await using plain = await TestServer.start({ mcp: { deltas: false } });
  using asks = new RawSink(plain.address);
  plain.publish({ [A]: { a: "1", b: "1" } });
  asks.send({ collection: A, incremental: true, initialResourceVersions: { a: "1" } });
  const first = await asks.next();
  expect(delta(first)).toEqual({ inc: false, resources: { a: "1", b: "1" }, removed: [] });
  asks.ack(first, true);
  plain.publish({ [A]: { a: "1" } });
  expect(delta(await asks.next())).toEqual({ inc: false, resources: { a: "1" }, removed: [] });
});

test("34: a sink that does not ask for deltas gets everything each time", async () => {
  publish({ a: "1", b: "1" });
  sink.send({ collection: A });
  sink.ack(await sink.next());
  publish({ a: "1" });
  expect(delta(await sink.next())).toEqual({ inc: false, resources: { a: "1" }, removed: [] });
});
