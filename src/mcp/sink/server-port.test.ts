import { expect, test } from "vitest";
import type { ServerStream } from "../../grpc/method.ts";
import type { Status } from "../../grpc/status.ts";
import { ServerPort } from "./server-port.ts";

/** A transport that does nothing by itself: sends settle when the test says so. */
class FakeStream implements ServerStream {
  readonly peer = { address: "test" };
  readonly path = "/test";
  readonly metadata = [];
  readonly sent: Uint8Array[] = [];
  paused = false;
  ended: Status | undefined;
  #settle: ((taken: boolean) => void) | undefined;

  sendHeaders(): void {
    throw new Error("nobody sends headers here");
  }

  send([bytes]: readonly Uint8Array[]): Promise<boolean> {
    if (this.#settle !== undefined) throw new Error("a send is in flight");
    this.sent.push(bytes!);
    return new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  async settle(taken: boolean): Promise<void> {
    this.#settle?.(taken);
    this.#settle = undefined;
    await new Promise((resolve) => setImmediate(resolve));
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(status: Status): void {
    this.ended ??= status;
  }
}

const bytes = (n: number): Uint8Array => Uint8Array.of(n);

test("answers go out one after the other", async () => {
  const stream = new FakeStream();
  const port = new ServerPort(stream);
  for (let n = 1; n <= 3; n++) port.post(bytes(n));
  for (let n = 1; n <= 3; n++) {
    expect(stream.sent).toEqual(Array.from({ length: n }, (_, i) => bytes(i + 1)));
    await stream.settle(true);
  }
  await port.drained();
  port.post(bytes(4));
  expect(stream.sent).toHaveLength(4);
});

test("nothing more is sent once a send has failed", async () => {
  const stream = new FakeStream();
  const port = new ServerPort(stream);
  port.post(bytes(1));
  port.post(bytes(2));
  await stream.settle(false);
  await port.drained();
  expect(stream.sent).toEqual([bytes(1)]);
});

test("a source that reads no answers loses its stream before they fill the memory", () => {
  const stream = new FakeStream();
  const port = new ServerPort(stream);
  for (let n = 0; n <= 10_001; n++) port.post(bytes(1));
  expect(stream.ended).toMatchObject({ code: 8 });
  expect(port.signal.aborted).toBe(true);
});

test("a message is handed out once, and the next one held back until it is asked for", async () => {
  const stream = new FakeStream();
  const port = new ServerPort(stream);
  const shared = new Uint8Array(100);
  shared[0] = 1;
  port.message(shared.subarray(0, 1));
  expect(stream.paused).toBe(true);
  shared[0] = 9;
  const first = await port.next();
  expect(first).toEqual(bytes(1)); // a copy: the transport's memory is its own
  expect(first?.buffer.byteLength).toBe(1);
  const second = port.next();
  expect(stream.paused).toBe(false);
  port.message(bytes(2));
  expect(await second).toEqual(bytes(2));
});

test("what came before the end is handed out before it", async () => {
  const stream = new FakeStream();
  const port = new ServerPort(stream);
  port.message(bytes(1));
  port.halfClose();
  expect(port.signal.aborted).toBe(false);
  expect(await port.next()).toEqual(bytes(1));
  expect(await port.next()).toBeUndefined();
  port.closed();
  expect(port.signal.aborted).toBe(true);
});
