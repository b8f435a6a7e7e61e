import { EventEmitter } from "node:events";
import type { ServerHttp2Stream } from "node:http2";
import { expect, it } from "vitest";
import { ManualClock } from "../lib/manual-clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { PORTION_BYTES } from "./frame.ts";
import { defaultLimits } from "./limits.ts";
import { OK } from "./status.ts";
import { GrpcStream, type StreamOwner } from "./stream.ts";

/** What Node's stream is for one that sends: it keeps what it is handed until the peer takes it. */
class HeldStream extends EventEmitter {
  readonly headersSent = true;
  readonly rstCode = 0;
  closed = false;
  destroyed = false;
  ended = false;
  #queue: { bytes: number; done: ((error?: Error) => void) | undefined }[] = [];
  taken = 0;

  get heldBytes(): number {
    return this.#queue.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  write(chunk: Uint8Array, done?: (error?: Error) => void): void {
    if (this.ended) throw new Error("write after end");
    this.#queue.push({ bytes: chunk.length, done });
  }

  /** The peer reads all that there is. */
  read(): void {
    for (const { bytes, done } of this.#queue.splice(0)) {
      this.taken += bytes;
      done?.();
    }
  }

  cork(): void {}
  uncork(): void {}
  resume(): void {}

  end(): void {
    this.ended = true;
  }
}

function open(): { readonly http2: HeldStream; readonly stream: GrpcStream } {
  const http2 = new HeldStream();
  const owner: StreamOwner = {
    peer: { address: "test" },
    limits: defaultLimits,
    clock: new ManualClock(),
    log: silentLogger,
    isGone: false,
    hold: () => true,
    unread: () => undefined,
    carried: () => undefined,
    sending: () => undefined,
    left: () => undefined,
  };
  const call = { path: "/test.Probe/Stream", metadata: [], encoding: "identity" };
  const stream = new GrpcStream(http2 as unknown as ServerHttp2Stream, call, owner);
  return { http2, stream };
}

const chunks = Array.from({ length: 300 }, () => Buffer.alloc(40_000));
const total = 5 + 300 * 40_000;

it("hands Node no more than a portion of a message while the peer doesn't read, and the rest as it does", async () => {
  const { http2, stream } = open();
  const sent = stream.send(chunks);
  let reads = 0;
  for (; http2.heldBytes > 0; reads++) {
    expect(http2.heldBytes).toBeLessThanOrEqual(PORTION_BYTES);
    http2.read();
  }
  expect(await sent).toBe(true);
  expect(http2.taken).toBe(total);
  expect(reads).toBe(Math.ceil(total / (PORTION_BYTES - (PORTION_BYTES % 40_000))));
});

it("ends a call only after the whole message that is being sent, in however many portions", async () => {
  const { http2, stream } = open();
  const sent = stream.send(chunks);
  stream.end(OK);
  while (http2.heldBytes > 0) {
    expect(http2.ended).toBe(http2.taken + http2.heldBytes === total);
    http2.read();
  }
  expect(await sent).toBe(true);
  expect([http2.taken, http2.ended]).toEqual([total, true]);
});

it("hands over nothing more of a message once its stream is closed", async () => {
  const { http2, stream } = open();
  const sent = stream.send(chunks);
  http2.closed = true;
  http2.read();
  expect(await sent).toBe(false);
  expect(http2.heldBytes).toBe(0);
});
