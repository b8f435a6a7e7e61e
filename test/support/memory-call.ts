import type { Cancel, Clock } from "../../src/lib/clock.ts";
import { type Metadata, metadataProblem } from "../../src/grpc/metadata.ts";
import type { Closed, Method, Peer, ServerStream, StreamHandler } from "../../src/grpc/method.ts";
import type { Status } from "../../src/grpc/status.ts";
import { type MemoryClient, MemoryPipe } from "./memory-pipe.ts";

export interface MemoryCallOptions {
  readonly clock: Clock;
  readonly client: MemoryClient;
  readonly peer?: Peer;
  /** Bytes of responses that may be on their way and unread; as good as unbounded unless given. */
  readonly windowBytes?: number;
}

/** Time for the end of a call to reach its client before the call is cut off, milliseconds. */
export const LINGER_MS = 5000;

const over: Promise<boolean> = Promise.resolve(false);

/**
 * One call in memory: the contract of `src/grpc/method.ts` without a network. The handler sees a `ServerStream`; the test
 * plays the client, and decides when bytes are read, requests arrive and connections break. What a handler may not do throws.
 */
export class MemoryCall implements ServerStream {
  readonly peer: Peer;
  readonly path: string;
  readonly metadata: Metadata = [];
  readonly #options: MemoryCallOptions;
  readonly #pipe: MemoryPipe;
  /** What came while the handler wants to hear nothing. */
  readonly #held: ((handler: StreamHandler) => void)[] = [];
  #handler: StreamHandler | undefined;
  #settle: ((taken: boolean) => void) | undefined;
  #closed: Closed | undefined;
  #cancelLinger: Cancel | undefined;
  #headersSent = false;
  #paused = false;
  #inCallback = false;
  #left = false;
  readonly #onOver: () => void;

  /** @param onOver called once, when the handler has been told that the call is over */
  constructor(method: Method, options: MemoryCallOptions, onOver: () => void = () => undefined) {
    this.path = method.path;
    this.peer = options.peer ?? { address: "memory" };
    this.#options = options;
    this.#onOver = onOver;
    this.#pipe = new MemoryPipe(options.windowBytes ?? Number.MAX_SAFE_INTEGER);
    this.#handler = method.open(this);
  }

  /** Whether the call is over for the handler, which has been told why. */
  get isOver(): boolean {
    return this.#left;
  }

  /** Whether it is decided how the call ends; nothing that the client says is heard any more. */
  get isEnded(): boolean {
    return this.#closed !== undefined;
  }

  /** Whether the handler waits for the transport to take a message. */
  get isSending(): boolean {
    return this.#settle !== undefined;
  }

  sendHeaders(metadata: Metadata = []): void {
    const problem = metadataProblem(metadata);
    if (problem !== undefined) throw new Error(problem);
    if (this.#closed !== undefined) return;
    if (this.#headersSent) throw new Error("the response headers were sent already");
    this.#headersSent = true;
    this.#pipe.headers(metadata);
  }

  send(pieces: readonly Uint8Array[]): Promise<boolean> {
    if (this.#settle !== undefined) throw new Error("a send is in flight: await it before the next one");
    if (this.#closed !== undefined) return over;
    if (!this.#headersSent) this.sendHeaders();
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#pipe.message(pieces, () => this.#taken());
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (!this.#paused && this.#held.length > 0) this.#call(this.#held.shift()!);
  }

  end(status: Status): void {
    this.#conclude({ kind: "ended", status });
  }

  /** The server ends the call for a reason of its own, such as a shutdown. */
  fail(status: Status): void {
    this.#conclude({ kind: "failed", status });
  }

  /** A message of the client arrives. */
  deliver(bytes: Uint8Array): void {
    this.#arrive((handler) => handler.message(bytes));
  }

  /** The client has said all it had to say. */
  halfClose(): void {
    this.#arrive((handler) => handler.halfClose());
  }

  /** Whether a read would bring anything. */
  get readable(): boolean {
    return this.#pipe.readable;
  }

  /** The client reads what has come, up to so many bytes. */
  read(maxBytes: number = Number.MAX_SAFE_INTEGER): void {
    this.#pipe.read(this.#options.client, maxBytes);
  }

  /** The client no longer wants the call. */
  cancel(): void {
    this.#breakOff({ kind: "cancelled" });
  }

  /** The client, or the protocol, breaks the call off. */
  reset(code: number): void {
    this.#breakOff({ kind: "reset", code });
  }

  /** The connection is gone. */
  lose(): void {
    this.#breakOff({ kind: "lost" });
  }

  #arrive(event: (handler: StreamHandler) => void): void {
    if (this.#closed !== undefined) return;
    if (this.#paused) this.#held.push(event);
    else this.#call(event);
  }

  #taken(): void {
    this.#sent(true);
    if (this.#closed !== undefined) this.#finish(this.#closed);
  }

  #sent(taken: boolean): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(taken);
  }

  #conclude(closed: Extract<Closed, { status: Status }>): void {
    if (this.#closed !== undefined) return;
    this.#closed = closed;
    this.#held.length = 0;
    // The event never comes from within the call that ended the stream, nor later than a client that doesn't read allows.
    this.#cancelLinger = this.#options.clock.schedule(LINGER_MS, () => this.#breakOff(closed));
    if (this.#settle === undefined) this.#finish(closed);
  }

  #finish(closed: Closed): void {
    this.#pipe.end("status" in closed ? closed.status : undefined);
    this.#cancelLinger?.();
    this.#cancelLinger = this.#options.clock.schedule(0, () => this.#leave(closed));
  }

  #breakOff(closed: Closed): void {
    if (this.#left) return;
    this.#pipe.drop();
    this.#pipe.end(undefined);
    this.#leave(this.#closed ?? closed);
  }

  #leave(closed: Closed): void {
    this.#left = true;
    this.#closed = closed;
    this.#held.length = 0;
    this.#cancelLinger?.();
    this.#sent(false);
    this.#call((handler) => handler.closed(closed));
    this.#handler = undefined;
    this.#onOver();
  }

  #call(callback: (handler: StreamHandler) => void): void {
    if (this.#inCallback) throw new Error("two callbacks overlap");
    this.#inCallback = true;
    try {
      callback(this.#handler!);
    } finally {
      this.#inCallback = false;
    }
  }
}
