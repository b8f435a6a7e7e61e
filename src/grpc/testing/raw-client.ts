import { connect, type Socket } from "node:net";
import { Observed } from "./events.ts";

/** An HTTP/2 frame as it stands on the wire. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export const frameTypes = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
} as const;

/** The bytes of a frame. */
export function rawFrame(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** Header fields as HPACK literals without indexing: what any decoder takes. */
export function rawHeaders(fields: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(fields))
    parts.push(Buffer.from([0]), hpackString(name), hpackString(value));
  return Buffer.concat(parts);
}

/** The header fields of a gRPC call. */
export function callHeaders(path: string): Record<string, string> {
  return {
    ":method": "POST",
    ":scheme": "http",
    ":path": path,
    ":authority": "test",
    "content-type": "application/grpc",
    te: "trailers",
  };
}

function hpackString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const length: number[] = [];
  if (bytes.length < 127) length.push(bytes.length);
  else {
    length.push(127);
    let rest = bytes.length - 127;
    for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

export const preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** A client without manners: it sends the bytes it is told to, and answers nothing by itself. */
export class RawClient extends Observed {
  readonly frames: RawFrame[] = [];
  readonly socket: Socket;
  closed = false;
  #rest: Buffer = Buffer.alloc(0);

  /**
   * @param target a port of the loopback interface, or the path of a unix socket
   * @param host the address of the loopback interface to come from
   */
  constructor(target: number | string, host = "127.0.0.1") {
    super();
    this.socket =
      typeof target === "string" ? connect(target) : connect({ port: target, host: "127.0.0.1", localAddress: host });
    this.socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => {
      this.closed = true;
      this.changed();
    });
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Begins HTTP/2, with these settings as pairs of id and value. */
  begin(settings: readonly (readonly [id: number, value: number])[] = []): void {
    const payload = Buffer.alloc(settings.length * 6);
    settings.forEach(([id, value], i) => {
      payload.writeUInt16BE(id, i * 6);
      payload.writeUInt32BE(value, i * 6 + 2);
    });
    this.send(preface, rawFrame(frameTypes.settings, 0, 0, payload));
  }

  /** Acknowledges the server's settings, which bind this side from then on. */
  acceptSettings(): void {
    this.send(rawFrame(frameTypes.settings, 1, 0));
  }

  /** Opens a call on a stream and leaves the request open. */
  call(streamId: number, path: string): void {
    this.send(rawFrame(frameTypes.headers, 4, streamId, rawHeaders(callHeaders(path))));
  }

  /** Frames of that type that came so far. */
  of(type: number): readonly RawFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  /** Resolves when everything sent before has been processed by the server: a ping is answered in order. */
  async roundTrip(): Promise<void> {
    const payload = Buffer.from("in order");
    const answered = (): number =>
      this.of(frameTypes.ping).filter((f) => f.flags === 1 && f.payload.equals(payload)).length;
    const before = answered();
    this.send(rawFrame(frameTypes.ping, 0, 0, payload));
    await this.until(() => answered() > before || this.closed);
  }

  #receive(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 9) {
      const length = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < 9 + length) break;
      const [type, flags] = [this.#rest[3]!, this.#rest[4]!];
      const payload = Buffer.from(this.#rest.subarray(9, 9 + length));
      this.frames.push({ type, flags, streamId: this.#rest.readUInt32BE(5), payload });
      this.#rest = this.#rest.subarray(9 + length);
    }
    this.changed();
  }
}
