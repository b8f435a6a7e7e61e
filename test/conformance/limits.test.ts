import { expect, test } from "vitest";
import { RawSink, versions } from "../support/raw-sink.ts";
import { A, B, C, TestServer } from "../support/test-server.ts";

// One token, and as good as never another: whoever needs a second one waits.
const exhausted = { limit: { burst: 3, perSecond: 0.001 } };

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
  await using server = await TestServer.start({ limit: { burst: 1, perSecond: 200 } });
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
