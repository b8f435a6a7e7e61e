import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SOURCE_STREAM } from "../../src/mcp/protocol.ts";
import { watchCollections, type WatchOptions } from "../../src/mcp/sink/watch.ts";
import type { Change } from "../../src/model/received/change.ts";
import type { Watch } from "../../src/model/received/change-loop.ts";
import { ScriptedServer, type ServerCall } from "./peers/grpc-server.ts";
import { gateway, GATEWAYS, push } from "./peers/messages.ts";
import { accept, answer } from "./peers/sink-call.ts";
import { eager } from "./peers/test-sink.ts";

// Looping over changes: what is answered, and when.

let source: ScriptedServer;

beforeEach(async () => {
  source = await ScriptedServer.start(SOURCE_STREAM);
});

afterEach(async () => {
  await source[Symbol.asyncDispose]();
});

function watch(options: Partial<WatchOptions> = {}): Watch<Change> {
  return watchCollections({ address: source.address, collections: [GATEWAYS], backoff: eager, ...options });
}

function send(call: ServerCall, nonce: string): void {
  call.sendBytes(push({ collection: GATEWAYS, nonce, resources: [gateway(`r${nonce}`, nonce)] }));
}

test("a change is acknowledged when the next one is asked for, and not before", async () => {
  await using changes = watch();
  const coming = changes.next();
  const { call } = await accept(source);
  send(call, "1");
  send(call, "2");
  expect((await coming).value?.resources[0]?.name).toBe("r1");
  expect(call.arrived.unread).toBe(0);
  expect((await changes.next()).value?.resources[0]?.name).toBe("r2");
  expect(await answer(call)).toMatchObject({ responseNonce: "1" });
  expect(call.arrived.unread).toBe(0);
});

test("a loop takes one change after the other until it is left, and leaving it cancels the stream", async () => {
  const names: (string | undefined)[] = [];
  const looping = (async () => {
    for await (const change of watch()) {
      names.push(change.resources[0]?.name);
      if (names.length === 2) break;
    }
  })();
  const { call } = await accept(source);
  send(call, "1");
  expect(await answer(call)).toMatchObject({ responseNonce: "1" });
  send(call, "2");
  await looping;
  await call.cancelled;
  expect(names).toEqual(["r1", "r2"]);
  expect(call.arrived.unread).toBe(0); // the change that was left with is not answered
});

test("an error in the loop's body leaves the loop with that error, and the change unanswered", async () => {
  const looping = (async () => {
    for await (const _change of watch()) throw new Error("body");
  })();
  const { call } = await accept(source);
  send(call, "1");
  await expect(looping).rejects.toThrow("body");
  await call.cancelled;
  expect(call.arrived.unread).toBe(0);
});

test("a refused change is refused at once, with the reason, and not acknowledged later", async () => {
  await using changes = watch();
  const coming = changes.next();
  const { call } = await accept(source);
  send(call, "1");
  const { value } = await coming;
  value?.nack("not this one");
  expect(await answer(call)).toMatchObject({ responseNonce: "1", errorDetail: { code: 3, message: "not this one" } });
  send(call, "2");
  const next = await changes.next();
  expect(next.value?.resources[0]?.name).toBe("r2");
  expect(call.arrived.unread).toBe(0);
  value?.nack("too late");
  const third = changes.next();
  expect((await answer(call)).errorDetail).toBeUndefined();
  await changes.return();
  expect((await third).done).toBe(true);
});

test("an aborted signal ends the loop like the end of a list", async () => {
  const stop = new AbortController();
  const changes = watch({ signal: stop.signal });
  const coming = changes.next();
  const { call } = await accept(source);
  stop.abort();
  expect(await coming).toEqual({ done: true, value: undefined });
  await call.cancelled;
  expect((await changes.next()).done).toBe(true);
});

test("a loop with an aborted signal never begins", async () => {
  for await (const _change of watch({ signal: AbortSignal.abort() })) expect.unreachable();
  expect(source.opened).toBe(0);
});

test("what was taken counts as held when the source comes back", async () => {
  await using changes = watch({ incremental: true });
  const coming = changes.next();
  const { call } = await accept(source);
  send(call, "1");
  await coming;
  call.end(grpc.status.UNAVAILABLE);
  const next = changes.next();
  const { call: second, first } = await accept(source);
  expect(first.initialResourceVersions).toEqual({ r1: "1" });
  send(second, "2");
  expect((await next).value?.resources[0]?.name).toBe("r2");
});

test("a source that doesn't serve the collection makes the loop throw, once", async () => {
  const changes = watch();
  const coming = changes.next();
  const { call } = await accept(source);
  call.end(grpc.status.INVALID_ARGUMENT, `unsupported collection "${GATEWAYS}"`);
  await expect(coming).rejects.toMatchObject({ collection: GATEWAYS });
  expect((await changes.next()).done).toBe(true);
});

test("options that can't be used make the loop throw", async () => {
  await expect(watch({ address: "nowhere" }).next()).rejects.toThrow(/host:port/);
});

test("asking twice at a time is refused", async () => {
  await using changes = watch();
  const coming = changes.next();
  await expect(changes.next()).rejects.toThrow("await it first");
  await changes.return();
  expect((await coming).done).toBe(true);
});

test("a loop that is left before it began, and one that is left twice, end quietly", async () => {
  const changes = watch();
  expect(await changes.return()).toEqual({ done: true, value: undefined });
  expect(await changes.return()).toEqual({ done: true, value: undefined });
  expect((await changes.next()).done).toBe(true);
  expect(source.opened).toBe(0);
});
