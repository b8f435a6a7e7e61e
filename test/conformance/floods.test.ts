import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { type DistributionObserver, silentObserver } from "../../src/distribution/observer.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { type LogFields, type Logger, silentLogger } from "../../src/lib/logger.ts";
import { ManualClock } from "../../src/lib/manual-clock.ts";
import { SINK_STREAM } from "../../src/mcp/protocol.ts";
import { IN_A_ROW, uselessLimit } from "../../src/serving/intake.ts";
import { DiscoveryRequestSchema } from "../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { RawSink, versions } from "../support/raw-sink.ts";
import { A, B, TestServer } from "../support/test-server.ts";
import { SotwClient } from "../support/xds-client.ts";
import { ENTRIES } from "../support/xds-content.ts";
import { ScriptedServer } from "./peers/grpc-server.ts";
import { readPush, request } from "./peers/messages.ts";
import { TestCallOut } from "./peers/test-callout.ts";
import { until } from "./peers/waiting.ts";

// One stream that says the same useless thing over and over: it is held back, and nobody else notices.

const MANY = uselessLimit.burst + 2000;

/** What a server made of a flood. */
class Tally {
  stale = 0;
  heldBack = 0;
  subscribed = 0;
  readonly warned: (LogFields | undefined)[] = [];
  readonly observer: DistributionObserver = {
    ...silentObserver,
    judged: (_, verdict) => {
      if (verdict === "stale") this.stale++;
      else if (verdict === "resubscribed") this.subscribed++;
    },
    heldBack: () => void this.heldBack++,
  };
  readonly log: Logger = { ...silentLogger, warn: (_, fields) => void this.warned.push(fields) };
}

/** Streams that are held back wait for the clock to be moved, and all else goes on. */
function restingOn(clock: ManualClock): Clock {
  return { ...systemClock, now: () => clock.now(), schedule: (ms, run) => clock.schedule(ms, run) };
}

async function othersAreServed(server: TestServer): Promise<void> {
  using other = new RawSink(server.address);
  other.send({ collection: B });
  expect(versions(await other.next())).toEqual({ b: "1" });
}

const stale = { sinkNode: { id: "mad" }, collection: A, responseNonce: "stale" };

test("of what has come from one stream only so much is dealt with before the others have their turn", async () => {
  const tally = new Tally();
  const turns: (() => void)[] = [];
  const clock = { ...systemClock, defer: (run: () => void) => void turns.push(run) };
  await using server = await TestServer.start({ mcp: { observer: tally.observer, clock } });
  server.publish({ [A]: { a: "1" }, [B]: { b: "1" } });
  using mad = new RawSink(server.address);
  for (let i = 0; i < 3 * IN_A_ROW; i++) mad.send(stale);
  for (let turn = 1; turn <= 3; turn++) {
    await until(() => turns.length > 0);
    await othersAreServed(server);
    expect([tally.stale, turns.length]).toEqual([turn * IN_A_ROW, 1]);
    turns.shift()!();
  }
});

describe("a stream that goes on with what is of no use", () => {
  test("is not read for a while, which is said once with its name, and is pushed to all the same", async () => {
    const tally = new Tally();
    const clock = new ManualClock();
    const { observer, log } = tally;
    await using server = await TestServer.start({ mcp: { observer, log, clock: restingOn(clock) } });
    server.publish({ [A]: { a: "1" }, [B]: { b: "1" } });
    using mad = new RawSink(server.address);
    mad.send({ collection: A });
    mad.ack(await mad.next());
    for (let i = 0; i < MANY; i++) mad.send(stale);
    await until(() => tally.heldBack === 1);
    await othersAreServed(server);
    server.publish({ [A]: { a: "2" }, [B]: { b: "1" } });
    const pushed = await mad.next();
    expect(versions(pushed)).toEqual({ a: "2" });
    mad.ack(pushed);
    expect([tally.stale, tally.heldBack]).toEqual([uselessLimit.burst + 1, 1]);
    expect(tally.warned).toMatchObject([{ sink: "mad", protocol: "mcp" }]);
    // It is read again later, and what it said besides counts.
    await until(() => {
      clock.advance(1000);
      return tally.stale === MANY;
    });
    server.publish({ [A]: { a: "3" }, [B]: { b: "1" } });
    expect(versions(await mad.next())).toEqual({ a: "3" });
    expect(tally.warned).toHaveLength(1);
  });

  test.each([
    ["refusals of a trigger", { collection: "$triggerCollection", errorDetail: { code: 12, message: "" } }],
    ["subscriptions that take the place of each other", { collection: A }],
  ])("counts what it wants: %s", async (_, init) => {
    const tally = new Tally();
    const limit = { burst: 3, perSecond: 0.001 };
    const { observer, log } = tally;
    await using server = await TestServer.start({ mcp: { observer, log, limit, clock: restingOn(new ManualClock()) } });
    server.publish({ [A]: { a: "1" }, [B]: { b: "1" } });
    using mad = new RawSink(server.address);
    for (let i = 0; i < MANY; i++) mad.send({ sinkNode: { id: "mad" }, ...init });
    await until(() => tally.heldBack === 1);
    await othersAreServed(server);
    expect(tally.warned).toMatchObject([{ sink: "mad" }]);
  });

  test("is held back over xDS too", async () => {
    const tally = new Tally();
    const { observer, log } = tally;
    await using server = await TestServer.start({ xds: { observer, log, clock: restingOn(new ManualClock()) } });
    server.publish({ [B]: { b: "1" } });
    using mad = new SotwClient(server.address);
    const init = { node: { id: "mad" }, typeUrl: ENTRIES, responseNonce: "stale" };
    const bytes = toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, init));
    for (let i = 0; i < MANY; i++) mad.sendBytes(bytes);
    await until(() => tally.heldBack === 1);
    await othersAreServed(server);
    expect(tally.stale).toBe(uselessLimit.burst + 1);
    expect(tally.warned).toMatchObject([{ sink: "mad", protocol: "xds" }]);
  });

  test("is held back where Galley called, and is let go with the rest of it", async () => {
    const tally = new Tally();
    const { observer, log } = tally;
    await using sink = await ScriptedServer.start(SINK_STREAM);
    await using galley = new TestCallOut([sink.address], { observer, log, clock: restingOn(new ManualClock()) });
    galley.publish({ [A]: { a: "1" } });
    const call = await sink.next();
    call.sendHeaders();
    for (let i = 0; i < MANY; i++) call.sendBytes(request(stale));
    await until(() => tally.heldBack === 1);
    expect(tally.stale).toBe(uselessLimit.burst + 1);
    expect(readPush(await call.arrived.next()).collection).toBe("$triggerCollection");
    await galley[Symbol.asyncDispose]();
    await call.cancelled;
    expect(galley.callOut.sinkCount).toBe(0);
  });
});
