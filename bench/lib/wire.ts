// HTTP/2, gRPC and MCP by hand, as far as a load client needs them: what it says is written once, and of what it hears
// nothing is decoded but lengths and the nonce.

export const frameType = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goaway: 7, windowUpdate: 8 } as const;

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export const settingsAck: Buffer = frame(frameType.settings, 1, 0, Buffer.alloc(0));

/** An HTTP/2 frame. */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(9 + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, 9);
  return bytes;
}

export function windowUpdate(stream: number, bytes: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeUInt32BE(bytes);
  return frame(frameType.windowUpdate, 0, stream, payload);
}

/** One gRPC message in one DATA frame of stream 1. */
export function messageFrame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return frame(frameType.data, 0, 1, Buffer.concat([prefix, message]));
}

/** What opens a connection with one call on it. The peer may send so many bytes ahead. */
export function opening(path: string, isTls: boolean, windowBytes: number): Buffer {
  const settings = Buffer.alloc(6);
  settings.writeUInt16BE(4, 0); // SETTINGS_INITIAL_WINDOW_SIZE
  settings.writeUInt32BE(windowBytes, 2);
  // HPACK without compression: indexed where the static table has it all, literal and not remembered otherwise.
  const headers = Buffer.concat([
    Buffer.from([0x83, isTls ? 0x87 : 0x86]), // :method POST, :scheme
    Buffer.from([0x04, path.length]),
    Buffer.from(path),
    Buffer.from([0x01, 9]),
    Buffer.from("localhost"),
    Buffer.from([0x0f, 0x10, 16]),
    Buffer.from("application/grpc"),
    Buffer.from([0x00, 2]),
    Buffer.from("te"),
    Buffer.from([8]),
    Buffer.from("trailers"),
  ]);
  return Buffer.concat([
    preface,
    frame(frameType.settings, 0, 0, settings),
    windowUpdate(0, windowBytes - 65_535),
    frame(frameType.headers, 4, 1, headers),
  ]);
}

/** A `RequestResources`: a subscribe without a nonce, an ACK with one. `kept` holds encoded entries of held versions. */
export function request(collection: string, nonce: string, incremental: boolean, kept?: Uint8Array): Buffer {
  const fields: Uint8Array[] = [field(2, Buffer.from(collection))];
  if (kept !== undefined) fields.push(kept);
  if (nonce !== "") fields.push(field(4, Buffer.from(nonce)));
  if (incremental) fields.push(Buffer.from([6 << 3, 1]));
  return Buffer.concat(fields);
}

/** The entries by which a sink says what it holds. */
export function keptVersions(versions: Iterable<readonly [name: string, version: string]>): Buffer {
  const entries: Buffer[] = [];
  for (const [name, version] of versions) {
    entries.push(field(3, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(version))])));
  }
  return Buffer.concat(entries);
}

/** The nonce is the last field but for the flag of a delta: `2a <length> <digits>` [`30 01`]. */
export function nonceAtEnd(tail: Uint8Array): string {
  const end = tail.at(-2) === 0x30 && tail.at(-1) === 1 ? tail.length - 2 : tail.length;
  for (let length = 1; length < 12; length++) {
    const at = end - length - 2;
    if (tail[at] === 0x2a && tail[at + 1] === length) return Buffer.from(tail.subarray(at + 2, end)).toString("latin1");
  }
  throw new Error("no nonce at the end of the message");
}

function field(number: number, bytes: Uint8Array): Buffer {
  if (bytes.length > 0x3fff) throw new Error("a field of this length is not needed here");
  const { length } = bytes;
  const head = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...head]), bytes]);
}
