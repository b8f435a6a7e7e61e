import type { ServerHttp2Stream } from "node:http2";
import { Readable } from "node:stream";
import { FrameReader, type Frame } from "./frame.ts";
import { status, type Status } from "./status.ts";

/** What the request side of a call reports to. */
export interface InboundOwner {
  /** Accounts for memory that unfinished messages take (or give back); `false` when there is too much of it. */
  hold(bytes: number): boolean;
  /** So many bytes more wait to be read, or fewer, as far as flow control lets them. */
  unread(bytes: number): void;
  /** So many bytes of messages have come in. */
  carried(bytes: number): void;
  message(bytes: Uint8Array): void;
  halfClose(): void;
  /** What came can't be served. Nothing follows. */
  refuse(status: Status): void;
}

/** How Node takes in what a stream is sent, when nobody counts it. */
// oxlint-disable-next-line typescript/unbound-method -- it becomes a method of a stream again
const { push } = Readable.prototype;

/** What Node takes to keep a DATA frame that nobody reads yet, beside its bytes. */
const FRAME_BYTES = 96;

/** The request side of a call: cuts what arrives into messages and passes them on, one at a time, while it isn't paused. */
export class Inbound {
  readonly #http2: ServerHttp2Stream;
  readonly #encoding: string;
  readonly #owner: InboundOwner;
  readonly #reader: FrameReader;
  #held = 0;
  /** What Node takes to keep the frames that wait since the call was paused, beside their bytes. */
  #waiting = 0;
  /** Their bytes. */
  #unread = 0;
  #paused = false;
  #reading = false;
  #complete = false;
  #stopped = false;

  /**
   * @param encoding what `grpc-encoding` said; `identity` when it said nothing
   * @param maxMessageBytes longest message accepted
   */
  constructor(http2: ServerHttp2Stream, encoding: string, maxMessageBytes: number, owner: InboundOwner) {
    this.#http2 = http2;
    this.#encoding = encoding;
    this.#owner = owner;
    this.#reader = new FrameReader(maxMessageBytes);
  }

  /** What is held of what came in, bytes. */
  get heldBytes(): number {
    return this.#held + this.#unread;
  }

  start(): void {
    this.#http2.on("data", (chunk: Uint8Array) => {
      this.#owner.carried(chunk.length);
      if (this.#stopped) return;
      if (this.#waiting > 0) this.#waiting -= FRAME_BYTES;
      this.#countUnread(-Math.min(this.#unread, chunk.length));
      this.#reader.push(chunk);
      this.#read();
    });
    this.#http2.on("end", () => {
      this.#complete = true;
      this.#read();
    });
  }

  pause(): void {
    if (this.#stopped || this.#paused) return;
    this.#paused = true;
    this.#http2.pause();
    this.#countWaiting();
  }

  resume(): void {
    if (this.#stopped || !this.#paused) return;
    this.#paused = false;
    this.#http2.push = push;
    this.#read();
    if (!this.#paused) this.#http2.resume();
  }

  /** Passes nothing on any more and gives all memory back. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#account();
    this.#countUnread(-this.#unread);
    // What still comes is dropped, but it has to be read: Node doesn't close a stream with unread data.
    this.#http2.resume();
  }

  // Messages are pulled one by one, so that a handler which pauses or ends the call is obeyed in the middle of a chunk.
  #read(): void {
    if (this.#reading) return;
    this.#reading = true;
    while (!this.#paused && !this.#stopped) {
      const frame = this.#reader.next();
      if (frame === undefined) break;
      if (frame.kind === "message") this.#owner.message(frame.bytes);
      else this.#owner.refuse(this.#complaint(frame));
    }
    this.#reading = false;
    if (!this.#stopped) this.#account();
    if (!this.#stopped && !this.#paused && this.#complete) this.#finish();
  }

  #finish(): void {
    this.#complete = false;
    if (this.#reader.midway) this.#owner.refuse(status("Internal", "the request ended in the middle of a message"));
    else this.#owner.halfClose();
  }

  /** Flow control counts the bytes of what waits, which may be one a frame, and of one connection. Until the call is resumed. */
  #countWaiting(): void {
    const stream = this.#http2;
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (!this.#stopped) {
        this.#waiting += FRAME_BYTES;
        this.#account();
      }
      if (!this.#stopped && chunk instanceof Uint8Array) this.#countUnread(chunk.length);
      return push.call(stream, chunk, encoding);
    };
  }

  #countUnread(change: number): void {
    if (change === 0) return;
    this.#unread += change;
    this.#owner.unread(change);
  }

  #account(): void {
    const held = this.#stopped ? 0 : this.#reader.held + this.#waiting;
    const change = held - this.#held;
    if (change === 0) return;
    this.#held = held;
    if (!this.#owner.hold(change) && change > 0) {
      const what = this.#waiting > this.#reader.held ? "unread frames" : "unfinished messages";
      this.#owner.refuse(status("ResourceExhausted", `too many ${what} on this connection`));
    }
  }

  #complaint(frame: Exclude<Frame, { kind: "message" }>): Status {
    const encoding = this.#encoding;
    switch (frame.kind) {
      case "oversized":
        return status(
          "ResourceExhausted",
          `a message of ${frame.length} bytes is larger than the limit of ${this.#reader.maxBytes} bytes`,
        );
      case "compressed":
        return encoding === "identity"
          ? status("Internal", "a message is flagged as compressed, but grpc-encoding names no compression")
          : status("Unimplemented", `messages compressed with ${encoding.slice(0, 50)} are not supported`);
      case "malformed":
        return status("Internal", `a message starts with the flag ${frame.flag}: this is not gRPC`);
    }
  }
}
