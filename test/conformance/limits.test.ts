import { expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { type LogFields, type Logger, silentLogger } from "../../src/lib/logger.ts";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { keepPushDeadline } from "../../src/serving/push-deadline.ts";
import { RawSink, versions } from "../support/raw-sink.ts";
import { A, B, C, TestServer } from "../support/test-server.ts";

// One token, and as good as never another: whoever needs a second one waits.
const exhausted = { mcp: { limit: { burst: 3, perSecond: 0.001 } } };

test("24: while the limit on subscribes is exhausted, pushes go out and answers count", async () => {
  await using server = await TestServer.start(exhausted);
  using sink = new RawSink(server.address);
  server.publish({ [A]: { a: "1" }, [B]: { b: "1" }, [C]: {} });
  sink.send({ collection: A });
  const a = await sink.next();
  sink.send({ collection: B });
  sink.ack(await sink.next());
  sink.send({ collection: B });
  const b = await sink.next();
  sink.send({ collection: C }); // has to wait
  sink.ack({ ...a, nonce: "stale" });
  sink.ack(b);
  server.publish({ [A]: { a: "1" }, [B]: { b: "2" }, [C]: {} });
  const pushed = await sink.next();
  expect([pushed.collection, versions(pushed)]).toEqual([B, { b: "2" }]);
  sink.ack(pushed);
  server.publish({ [A]: { a: "2" }, [B]: { b: "2" }, [C]: {} });
  sink.ack(a);
  const next = await sink.next();
  expect([next.collection, versions(next)]).toEqual([A, { a: "2" }]);
});

test("24: a subscribe that waited is served when there is a token", async () => {
  await using server = await TestServer.start({ mcp: { limit: { burst: 1, perSecond: 200 } } });
  using sink = new RawSink(server.address);
  server.publish({ [A]: { a: "1" }, [B]: { b: "1" }, [C]: { c: "1" } });
  for (const collection of [A, B, C]) sink.send({ collection });
  const got = [await sink.next(), await sink.next(), await sink.next()];
  expect(got.map((m) => m.collection)).toEqual([A, B, C]);
});

test("25: a subscribe that waits when its stream ends is forgotten", async () => {
  await using server = await TestServer.start(exhausted);
  using sink = new RawSink(server.address);
  server.publish({ [A]: {}, [B]: {}, [C]: {} });
  for (let i = 0; i < 3; i++) {
    sink.send({ collection: A });
    sink.ack(await sink.next());
  }
  sink.send({ collection: B });
  sink.cancel();
  await server.sinks(0);
  server.publish({ [A]: {}, [B]: { b: "1" }, [C]: {} });
  expect(server.hub.watchers(B)).toBe(0);
  expect(sink.unread).toBe(0);
});

test("a sink that owes an answer for longer than the deadline loses its stream, and one that answers does not", async () => {
  await using server = await TestServer.start();
  using silent = new RawSink(server.address);
  using lively = new RawSink(server.address);
  server.publish({ [A]: {} });
  silent.send({ collection: A });
  lively.send({ collection: A });
  await silent.next();
  lively.ack(await lively.next());
  const unanswered = () => [...server.service.sinks()].filter((s) => s.collections.some((c) => c.awaitingSince));
  while (unanswered().length !== 1) await new Promise((resolve) => setImmediate(resolve));
  const clock = new ManualClock();
  let laterMs = 0;
  const stop = keepPushDeadline(
    // Somebody sets the wall clock, which was an hour slow: no push is older for that.
    {
      ...systemClock,
      now: () => systemClock.now() + laterMs,
      wall: () => Date.now() + 3_600_000,
      schedule: (ms, run) => clock.schedule(ms, run),
    },
    30_000,
    (before) => server.service.endUnanswered(before),
  );
  clock.advance(1000);
  expect([...server.service.sinks()]).toHaveLength(2);
  laterMs = 60_000;
  clock.advance(1000);
  expect(await silent.status).toMatchObject({ code: 4, details: "a push was not answered within the deadline" });
  await server.sinks(1);
  server.publish({ [A]: { a: "1" } });
  expect(versions(await lively.next())).toEqual({ a: "1" });
  stop();
  expect(clock.pending).toBe(0);
});

test("a push that many clients would refuse is warned about once, with the sink and the collection named", async () => {
  const warnings: unknown[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (message: string, fields?: LogFields) => void warnings.push([message, fields]),
  };
  await using server = await TestServer.start({ mcp: { log }, largePushBytes: 1000 });
  using sink = new RawSink(server.address);
  const many = (version: string) => Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`ns/n${i}`, version]));
  server.publish({ [A]: many("1") });
  sink.send({ collection: A, sinkNode: { id: "tiny" } });
  sink.ack(await sink.next());
  server.publish({ [A]: many("2") });
  await sink.next();
  expect(warnings).toMatchObject([[expect.stringContaining("larger than"), { sink: "tiny", collection: A }]]);
});
