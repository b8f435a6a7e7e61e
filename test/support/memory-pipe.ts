import type { Metadata } from "../../src/grpc/metadata.ts";
import type { Status } from "../../src/grpc/status.ts";

/** What the client of a call is told, in the order in which it reads. */
export interface MemoryClient {
  headers(metadata: Metadata): void;
  message(bytes: Uint8Array): void;
  /** The end: a status, or `undefined` when the call broke off without one. */
  ended(status: Status | undefined): void;
}

/** Bytes that stand before each message on the wire. */
const PREFIX_BYTES = 5;

interface Message {
  readonly kind: "message";
  readonly pieces: readonly Uint8Array[];
  /** A copy made when the message was handed over: whoever changes a piece before it is sent is found out. */
  readonly bytes: Buffer;
  /** Bytes that did not fit the window yet. */
  unsent: number;
  /** Bytes that the client has not read, the unsent ones included. */
  unread: number;
  readonly taken: () => void;
}

type Item =
  | Message
  | { readonly kind: "headers"; readonly metadata: Metadata }
  | { readonly kind: "end"; readonly status: Status | undefined };

/** The response side of a call in memory: a pipe with a window, so that a client which does not read holds the server back. */
export class MemoryPipe {
  #items: Item[] = [];
  #credit: number;

  /** @param windowBytes what may be on its way and unread; at least 1 */
  constructor(windowBytes: number) {
    this.#credit = windowBytes;
  }

  headers(metadata: Metadata): void {
    this.#items.push({ kind: "headers", metadata });
  }

  end(status: Status | undefined): void {
    this.#items.push({ kind: "end", status });
  }

  /** @param taken called when the window has taken the last byte, at once if there is room for all */
  message(pieces: readonly Uint8Array[], taken: () => void): void {
    const bytes = Buffer.concat(pieces);
    const length = bytes.length + PREFIX_BYTES;
    const message: Message = { kind: "message", pieces, bytes, unsent: length, unread: length, taken };
    this.#items.push(message);
    this.#fill(message);
  }

  /** Forgets all that the client has not read. */
  drop(): void {
    this.#items = [];
  }

  /** Whether a read would bring anything. */
  get readable(): boolean {
    const item = this.#items[0];
    return item !== undefined && (item.kind !== "message" || item.unread > item.unsent);
  }

  /** Has the client read up to so many bytes; headers and the end cost nothing. */
  read(client: MemoryClient, maxBytes: number): void {
    let left = maxBytes;
    while (this.readable) {
      const item = this.#items[0]!;
      if (item.kind === "message") {
        if (left === 0) return;
        left -= this.#consume(item, left);
        if (item.unread > 0) continue;
      }
      this.#items.shift();
      if (item.kind === "message") client.message(item.bytes);
      else if (item.kind === "headers") client.headers(item.metadata);
      else client.ended(item.status);
    }
  }

  #consume(message: Message, most: number): number {
    const count = Math.min(most, message.unread - message.unsent);
    message.unread -= count;
    this.#credit += count;
    // Room is made for the message that is being written: this one or, behind it, the last.
    const last = this.#items.findLast((item) => item.kind === "message");
    if (last !== undefined) this.#fill(last);
    return count;
  }

  #fill(message: Message): void {
    if (message.unsent === 0) return;
    const count = Math.min(this.#credit, message.unsent);
    message.unsent -= count;
    this.#credit -= count;
    if (message.unsent > 0) return;
    if (!Buffer.concat(message.pieces).equals(message.bytes)) throw new Error("a piece was changed while it was sent");
    message.taken();
  }
}
