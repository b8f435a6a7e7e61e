import type { Socket } from "node:net";
import { frame, frameType, messageFrame, nonceAtEnd, request, settingsAck, windowUpdate } from "./wire.ts";

/** Longest part of a message that is looked at: version and collection at its front, the nonce at its end. */
const FRONT_BYTES = 128;
const END_BYTES = 32;

/** A push as far as a load client looks at it. */
export interface Push {
  readonly sink: WireSink;
  /** Place of its collection among those that were asked for. */
  readonly collection: number;
  readonly version: string;
  readonly bytes: number;
}

export interface WireSinkOptions {
  readonly collections: readonly string[];
  readonly incremental: boolean;
  /** Bytes that the source may send ahead; half of them consumed are given back. */
  readonly windowBytes: number;
  readonly onPush: (push: Push) => void;
  /** The call or its connection is over. */
  readonly onEnd: (sink: WireSink) => void;
}

/** One MCP stream on a connection of its own; acknowledges whatever comes, and does nothing else. */
export class WireSink {
  readonly #socket: Socket;
  readonly #options: WireSinkOptions;
  readonly #front: Buffer = Buffer.allocUnsafeSlow(FRONT_BYTES + END_BYTES);
  readonly #end: Buffer = this.#front.subarray(FRONT_BYTES);
  /** A frame head, and the payload of a frame that is no data, until they are complete. */
  #rest: Buffer | undefined;
  /** Bytes of the DATA frame under way that are still to come. */
  #dataLeft = 0;
  #consumed = 0;
  #prefix = 0;
  #length = 0;
  #at = 0;
  #over = false;

  /** The socket is connected; `opening` and the subscribes are written already, or on their way. */
  constructor(socket: Socket, options: WireSinkOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#ended());
  }

  /** Stops reading from the connection, so that the peer's system fills up. */
  stall(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#over = true;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    while (bytes.length > 0) {
      if (this.#dataLeft > 0) {
        const take = Math.min(this.#dataLeft, bytes.length);
        this.#dataLeft -= take;
        this.#data(bytes.subarray(0, take));
        bytes = bytes.subarray(take);
        continue;
      }
      const length = bytes.length < 9 ? Infinity : bytes.readUIntBE(0, 3);
      const isData = bytes[3] === frameType.data && length !== Infinity;
      if (!isData && bytes.length < 9 + length) {
        // Copied: a few bytes must not keep a large chunk alive.
        this.#rest = Buffer.from(bytes);
        return;
      }
      if (isData) {
        this.#dataLeft = length;
        this.#consume(length);
        bytes = bytes.subarray(9);
      } else {
        this.#control(bytes[3]!, bytes[4]!, bytes.subarray(9, 9 + length));
        bytes = bytes.subarray(9 + length);
      }
    }
  }

  #control(type: number, flags: number, payload: Uint8Array): void {
    if (type === frameType.settings && flags === 0) this.#socket.write(settingsAck);
    else if (type === frameType.ping && flags === 0) this.#socket.write(frame(frameType.ping, 1, 0, payload));
    else if (type === frameType.reset || type === frameType.goaway) this.#socket.destroy();
    else if (type === frameType.headers && (flags & 1) === 1) this.#socket.destroy();
  }

  #consume(bytes: number): void {
    this.#consumed += bytes;
    if (this.#consumed < this.#options.windowBytes / 2) return;
    this.#socket.write(Buffer.concat([windowUpdate(0, this.#consumed), windowUpdate(1, this.#consumed)]));
    this.#consumed = 0;
  }

  #data(bytes: Buffer): void {
    let from = 0;
    while (from < bytes.length) {
      if (this.#prefix < 5) {
        const byte = bytes[from++]!;
        if (this.#prefix++ > 0) this.#length = this.#length * 256 + byte;
        if (this.#prefix < 5 || this.#length > 0) continue;
      }
      const take = Math.min(this.#length - this.#at, bytes.length - from);
      this.#keep(bytes.subarray(from, from + take));
      from += take;
      this.#at += take;
      if (this.#at < this.#length) return;
      this.#message();
      this.#prefix = this.#length = this.#at = 0;
    }
  }

  /** Of a message only its front and its end are kept. */
  #keep(part: Buffer): void {
    if (this.#at < FRONT_BYTES) part.copy(this.#front, this.#at, 0, FRONT_BYTES - this.#at);
    const endAt = this.#length - END_BYTES;
    const skip = Math.max(0, endAt - this.#at);
    if (skip < part.length) part.copy(this.#end, this.#at + skip - endAt, skip);
  }

  #message(): void {
    const { collections, incremental } = this.#options;
    const length = this.#length;
    const tail = length >= END_BYTES ? this.#end : this.#front.subarray(0, length);
    const [version, collection] = this.#head();
    const index = Math.max(0, collections.indexOf(collection));
    const nonce = nonceAtEnd(tail);
    this.#options.onPush({ sink: this, collection: index, version, bytes: length });
    this.#socket.write(messageFrame(request(collections[index]!, nonce, incremental)));
  }

  /** Version and collection are the first two fields, and short. */
  #head(): readonly [string, string] {
    const versionEnd = 2 + this.#front[1]!;
    const collectionEnd = versionEnd + 2 + this.#front[versionEnd + 1]!;
    return [
      this.#front.toString("latin1", 2, versionEnd),
      this.#front.toString("latin1", versionEnd + 2, collectionEnd),
    ];
  }

  #ended(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onEnd(this);
  }
}
