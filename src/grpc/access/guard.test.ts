import { beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../../lib/manual-clock.ts";
import type { Closed, Peer, ServerStream, StreamHandler } from "../method.ts";
import { codes, OK, type Status } from "../status.ts";
import { RecordingLogger, RecordingMethod } from "../testing/recording.ts";
import { Guard } from "./guard.ts";
import { allowed, type AccessVerdict } from "./list.ts";

/** A call as the transport gives it, which a test plays the peer of. */
class FakeStream implements ServerStream {
  readonly path = "/test.Probe/Stream";
  readonly metadata = [];
  readonly peer: Peer;
  readonly ends: Status[] = [];
  readonly did: string[] = [];
  handler: StreamHandler | undefined;

  constructor(name: string) {
    this.peer = { address: name };
  }

  sendHeaders(): void {
    this.did.push("headers");
  }

  send(): Promise<boolean> {
    this.did.push("message");
    return Promise.resolve(true);
  }

  pause(): void {
    this.did.push("pause");
  }

  resume(): void {
    this.did.push("resume");
  }

  end(status: Status): void {
    this.ends.push(status);
  }

  close(reason: Closed = { kind: "cancelled" }): void {
    this.handler!.closed(reason);
  }
}

let clock: ManualClock;
let log: RecordingLogger;
let method: RecordingMethod;
let refused: Set<string>;
let guard: Guard;
let told: string[];

beforeEach(() => {
  clock = new ManualClock();
  log = new RecordingLogger();
  method = new RecordingMethod("/test.Probe/Stream");
  refused = new Set(["stranger"]);
  const judge = ({ address }: Peer): AccessVerdict =>
    refused.has(address) ? { allowed: false, why: "blocked", reason: `${address} may not` } : allowed;
  told = [];
  const observer = (why: string): void => void told.push(why);
  guard = new Guard({ judge, clock, log, observer, gate: { burst: 2, perSecond: 10, maxWaiting: 2 } });
});

function call(name: string): FakeStream {
  const stream = new FakeStream(name);
  stream.handler = guard.wrap(method).open(stream);
  return stream;
}

describe("a guarded method", () => {
  test("is opened for a peer who may, and hears everything", () => {
    const stream = call("pilot");
    stream.handler!.message(Buffer.from("hello"));
    stream.handler!.halfClose();
    stream.close();
    const [record] = method.calls;
    expect(record!.stream).toBe(stream);
    expect([record!.messages, record!.halfClosed]).toEqual([[Buffer.from("hello")], 1]);
    expect(record!.closes).toEqual([{ kind: "cancelled" }]);
    expect([stream.did, stream.ends]).toEqual([[], []]);
  });

  test("never hears of a peer who may not, who is told why and nothing else", () => {
    const stream = call("stranger");
    stream.handler!.message(Buffer.from("hello"));
    stream.handler!.halfClose();
    stream.close();
    expect(stream.ends).toEqual([{ code: codes.Unauthenticated, message: "Authentication failure: stranger may not" }]);
    expect([stream.did, method.calls]).toEqual([[], []]);
    expect(log.at("warn")).toHaveLength(1);
    expect(told).toEqual(["blocked"]);
  });

  test("that throws is not remembered as running", () => {
    const broken = guard.wrap({
      path: "/x",
      open: () => {
        throw new Error("oops");
      },
    });
    expect(() => broken.open(new FakeStream("pilot"))).toThrow("oops");
    refused.add("pilot");
    expect(guard.recheck()).toBe(0);
  });
});

describe("when many come at once", () => {
  test("those who come late wait, held back, and then are served like the others", () => {
    const streams = ["a", "b", "c", "d"].map(call);
    expect([method.calls.length, guard.waiting, streams[2]!.did]).toEqual([2, 2, ["pause"]]);
    clock.advance(100);
    expect(method.calls.map(({ stream }) => stream.peer.address)).toEqual(["a", "b", "c"]);
    expect(streams[2]!.did).toEqual(["pause", "resume"]);
    streams[2]!.handler!.message(Buffer.from("hello"));
    expect(method.calls[2]!.messages).toHaveLength(1);
    clock.advance(100);
    expect([method.calls.length, guard.waiting, clock.pending]).toEqual([4, 0, 0]);
  });

  test("who may not be served takes no place from those who may", () => {
    for (let i = 0; i < 100; i++) call("stranger");
    expect([call("a"), call("b")].map(({ ends }) => ends)).toEqual([[], []]);
    expect([method.calls.length, guard.waiting]).toEqual([2, 0]);
  });

  test("who leaves while waiting is forgotten", () => {
    const streams = ["a", "b", "c"].map(call);
    streams[2]!.close();
    expect([guard.waiting, clock.pending]).toEqual([0, 0]);
    clock.advance(1_000);
    expect(method.calls).toHaveLength(2);
  });

  test("more than can wait are sent away to try again", () => {
    const streams = ["a", "b", "c", "d", "e"].map(call);
    expect(streams[4]!.ends).toMatchObject([{ code: codes.Unavailable }]);
    expect(told).toEqual(["crowded"]);
    streams[4]!.close();
    clock.advance(1_000);
    expect(method.calls).toHaveLength(4);
  });

  test("a method that throws ends its own call and no other", () => {
    method = new RecordingMethod("/test.Probe/Stream", ({ stream }) => {
      if (stream.peer.address === "c") throw new Error("oops");
    });
    const streams = ["a", "b", "c", "d"].map(call);
    clock.advance(200);
    expect(streams[2]!.ends).toEqual([{ code: codes.Internal, message: "internal error" }]);
    expect(log.at("error")[0]!.fields["error"]).toContain("oops");
    expect(streams[3]!.did).toEqual(["pause", "resume"]);
  });
});

describe("a recheck", () => {
  test("ends the calls of peers who may no longer be served, and no others", () => {
    const [pilot, mixer] = [call("pilot"), call("mixer")];
    refused.add("pilot");
    expect(guard.recheck()).toBe(1);
    expect(pilot.ends).toEqual([{ code: codes.Unauthenticated, message: "Authentication failure: pilot may not" }]);
    expect(mixer.ends).toEqual([]);
    expect(told).toEqual(["blocked"]);
    pilot.close({ kind: "ended", status: OK });
    expect(method.calls[0]!.closes).toHaveLength(1);
    expect(guard.recheck()).toBe(0);
    expect(log.at("warn").at(-1)).toMatchObject({
      message: expect.stringContaining("streams ended"),
      fields: { streams: 1 },
    });
  });

  test("also ends those who wait, and they are never opened", () => {
    const streams = ["a", "b", "c"].map(call);
    refused.add("c");
    expect(guard.recheck()).toBe(1);
    expect(streams[2]!.ends).toMatchObject([{ code: codes.Unauthenticated }]);
    streams[2]!.close();
    clock.advance(1_000);
    expect([method.calls.length, guard.waiting]).toEqual([2, 0]);
  });

  test("does not know calls that are over", () => {
    call("pilot").close();
    refused.add("pilot");
    expect(guard.recheck()).toBe(0);
  });
});
