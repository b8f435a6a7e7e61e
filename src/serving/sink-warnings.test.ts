import { beforeEach, expect, test } from "vitest";
import { everything } from "../distribution/interest.ts";
import { silentObserver } from "../distribution/observer.ts";
import { Pacer } from "../distribution/pacer.ts";
import type { Nonce } from "../distribution/subscription.ts";
import type { Peer } from "../grpc/method.ts";
import { RecordingLogger } from "../grpc/testing/recording.ts";
import { ManualClock } from "../lib/manual-clock.ts";
import { Turns } from "../lib/turns.ts";
import type { Collection } from "../model/names.ts";
import { Hub } from "../snapshot/hub.ts";
import { Table } from "../snapshot/table.ts";
import type { SinkStream } from "./sink-stream.ts";
import { SinkStreams } from "./sink-streams.ts";

const A = "a" as Collection;

let clock: ManualClock;
let log: RecordingLogger;
let hub: Hub;
let streams: SinkStreams;

beforeEach(() => {
  clock = new ManualClock();
  log = new RecordingLogger();
  hub = new Hub(() => "default");
  hub.publish("default", new Map([[A, Table.empty]]));
  streams = new SinkStreams({
    clock,
    turns: new Turns(clock),
    pacer: new Pacer(clock),
    encode: (_, push) => [new TextEncoder().encode(push.nonce)],
    observer: silentObserver,
    log,
  });
});

/** A stream to a sink, and the nonce of the last push on it. */
function connect(peer: Peer): { readonly sink: SinkStream; readonly nonce: () => Nonce } {
  let opened: SinkStream | undefined;
  let last = "";
  const port = {
    peer,
    send: (pieces: readonly Uint8Array[]) => {
      last = new TextDecoder().decode(pieces[0]);
      return Promise.resolve(true);
    },
    pause: () => undefined,
    resume: () => undefined,
    end: () => undefined,
  };
  streams.open(port, "mcp", (sink) => {
    opened = sink;
    return { message: () => undefined, halfClose: () => undefined, closed: () => undefined };
  });
  return { sink: opened!, nonce: () => last as Nonce };
}

async function refuseAPush(peer: Peer, message: string): Promise<void> {
  const { sink, nonce } = connect(peer);
  const feed = hub.feed(A);
  const subscribe = { kind: "subscribe", interest: everything, incremental: false, held: undefined } as const;
  sink.subscribe(feed, subscribe, { nonce: "", error: undefined });
  while (nonce() === "") {
    clock.advance(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const error = { code: 3, message };
  sink.judge(feed, { kind: "nack", nonce: nonce(), incremental: false }, { nonce: nonce(), error });
  sink.closed({ kind: "cancelled" });
}

function warned(): readonly unknown[] {
  return log.at("warn").map(({ fields }) => fields["repeated"] ?? 0);
}

test("a sink that comes back each second and does the same again is told of once a minute, with how often", () => {
  for (let second = 0; second < 121; second++) {
    const { sink } = connect({ address: `10.0.0.1:${40_000 + second}` });
    sink.warn("the sink asks for something that is not served");
    sink.closed({ kind: "cancelled" });
    clock.advance(1_000);
  }
  expect(warned()).toEqual([0, 59, 59]);
  expect(log.at("warn")[1]!.fields).toMatchObject({ stream: 61, peer: "10.0.0.1:40060" });
});

test("a sink that refuses the same again on a new stream is told of once", async () => {
  for (let port = 1; port <= 5; port++) await refuseAPush({ address: `[::1]:${port}` }, "bad gateway");
  expect(warned()).toEqual([0]);
  // Whoever asks to see every exchange does.
  expect(log.at("debug").filter(({ message }) => message.startsWith("NACK"))).toHaveLength(4);
  await refuseAPush({ address: "[::1]:6" }, "another reason");
  expect(log.at("warn").map(({ fields }) => fields["message"])).toEqual(["bad gateway", "another reason"]);
});

test("sinks are told apart by what they have proved to be, and else by their hosts", () => {
  const proved = (uri: string): Peer => ({ address: "10.0.0.1:1", tls: { authorized: true, uris: [uri] } });
  const claimed: Peer = { address: "10.0.0.1:2", tls: { authorized: false, uris: ["spiffe://a"] } };
  const peers = [proved("spiffe://a"), proved("spiffe://b"), claimed, { address: "10.0.0.2:1" }, { address: "unix" }];
  for (const peer of [...peers, ...peers]) connect(peer).sink.warn("x");
  expect(log.at("warn")).toHaveLength(peers.length);
});
