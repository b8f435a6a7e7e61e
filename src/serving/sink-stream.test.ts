import { expect, test } from "vitest";
import { everything } from "../distribution/interest.ts";
import { silentObserver } from "../distribution/observer.ts";
import { Pacer } from "../distribution/pacer.ts";
import { PeerWarnings } from "../grpc/peer-warnings.ts";
import { type LogFields, silentLogger } from "../lib/logger.ts";
import { ManualClock } from "../lib/manual-clock.ts";
import { Turns } from "../lib/turns.ts";
import type { Collection } from "../model/names.ts";
import { Hub } from "../snapshot/hub.ts";
import { Table } from "../snapshot/table.ts";
import { SinkStream } from "./sink-stream.ts";

const A = "a" as Collection;

/** The sizes that are warned about when a stream is sent a push of so many bytes. */
function warnedOf(bytes: number, { asked, accepts }: { asked?: number; accepts?: number }): readonly unknown[] {
  const warned: unknown[] = [];
  const clock = new ManualClock();
  const hub = new Hub(() => "default");
  hub.publish("default", new Map([[A, Table.empty]]));
  const log = { ...silentLogger, warn: (_: string, fields?: LogFields) => void warned.push(fields?.["bytes"]) };
  const sink = new SinkStream(
    {
      clock,
      turns: new Turns(clock),
      pacer: new Pacer(clock),
      encode: () => [new Uint8Array(bytes)],
      observer: silentObserver,
      warnings: new PeerWarnings(clock, log),
      log,
      ...(asked !== undefined && { largePushBytes: asked }),
    },
    {
      peer: { address: "test" },
      send: () => Promise.resolve(true),
      pause: () => undefined,
      resume: () => undefined,
      end: () => undefined,
    },
    1,
    "xds",
    new Set(),
  );
  if (accepts !== undefined) sink.accepts(accepts);
  const subscribe = { kind: "subscribe", interest: everything, incremental: false, held: undefined } as const;
  sink.subscribe(hub.feed(A), subscribe, { nonce: "", error: undefined });
  clock.advance(0);
  return warned;
}

const MIB = 1024 * 1024;

test.each([
  ["a push that clients refuse unless told otherwise", 5 * MIB, {}],
  ["a push larger than the operator asks for", 2000, { asked: 1000 }],
  ["a push that this client is known to refuse", 3 * MIB, { accepts: 2 * MIB }],
  ["a push larger than the operator asks for, to a client that accepts it", 2000, { asked: 1000, accepts: 9 * MIB }],
  [
    "a push that this client refuses, though the operator asks for larger ones",
    5 * MIB,
    { asked: 9 * MIB, accepts: MIB },
  ],
])("%s is warned about", (_, bytes, sizes) => {
  expect(warnedOf(bytes, sizes)).toEqual([bytes]);
});

test.each([
  ["that clients take as they are", 3 * MIB, {}],
  ["that this client is known to accept", 5 * MIB, { accepts: 9 * MIB }],
  ["that the operator holds for usual", 5 * MIB, { asked: 9 * MIB }],
])("a push %s is not", (_, bytes, sizes) => {
  expect(warnedOf(bytes, sizes)).toEqual([]);
});
