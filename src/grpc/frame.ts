/** What came out of the bytes of a stream. All but `message` end the stream: nothing can be read after them. */
export type Frame =
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "compressed" }
  | { readonly kind: "oversized"; readonly length: number }
  | { readonly kind: "malformed"; readonly flag: number };

/** Flag (1 byte) and length (4 bytes, big-endian) before each message. */
const PREFIX_BYTES = 5;

/** First piece of memory for a message that is spread over several chunks. */
const FIRST_BLOCK_BYTES = 1024;

const nothing = new Uint8Array(0);

/**
 * Cuts a stream of bytes into length-prefixed gRPC messages. A pure machine: `push` what came, then `next` until it gives
 * `undefined`.
 *
 * A message inside one chunk is a view into that chunk. One that is spread over chunks is copied into a block that doubles,
 * never reserved ahead of what was received: a peer can't make the server allocate what it has only announced.
 */
export class FrameReader {
  /** Longest message accepted, prefix not counted. */
  readonly maxBytes: number;
  #chunk: Uint8Array = nothing;
  #at = 0;
  /** What came behind the chunk that is being read; almost always nothing, which takes no memory. */
  #behind: Uint8Array[] | undefined;
  #prefixFilled = 0;
  #flag = 0;
  #length = 0;
  #block: Uint8Array = nothing;
  #filled = 0;
  #failed = false;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Adds received bytes. They are read in place: the caller must not reuse their memory. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.#available() > 0) (this.#behind ??= []).push(chunk);
    else {
      this.#chunk = chunk;
      this.#at = 0;
    }
  }

  /** The next frame that is complete; after one that isn't a message there is none any more. */
  next(): Frame | undefined {
    if (this.#failed || !this.#readPrefix()) return undefined;
    const verdict = this.#judgePrefix();
    if (verdict === undefined) return this.#readBody();
    this.#failed = true;
    this.#chunk = this.#block = nothing;
    this.#at = 0;
    this.#behind = undefined;
    return verdict;
  }

  /** Memory that the part of an unfinished message takes here, in bytes. */
  get held(): number {
    return this.#block.length;
  }

  /** Whether the bytes so far end inside a message. */
  get midway(): boolean {
    return this.#prefixFilled > 0 || this.#available() > 0;
  }

  #readPrefix(): boolean {
    while (this.#prefixFilled < PREFIX_BYTES) {
      if (this.#available() === 0) return false;
      const byte = this.#chunk[this.#at++]!;
      if (this.#prefixFilled === 0) this.#flag = byte;
      else this.#length = this.#length * 256 + byte;
      this.#prefixFilled++;
    }
    return true;
  }

  #judgePrefix(): Frame | undefined {
    if (this.#flag > 1) return { kind: "malformed", flag: this.#flag };
    if (this.#flag === 1) return { kind: "compressed" };
    return this.#length > this.maxBytes ? { kind: "oversized", length: this.#length } : undefined;
  }

  #readBody(): Frame | undefined {
    const length = this.#length;
    if (this.#filled === 0 && this.#available() >= length) {
      this.#at += length;
      return this.#message(this.#chunk.subarray(this.#at - length, this.#at));
    }
    for (let available = this.#available(); available > 0; available = this.#available()) {
      const take = Math.min(available, length - this.#filled);
      this.#grow(this.#filled + take, length);
      this.#block.set(this.#chunk.subarray(this.#at, this.#at + take), this.#filled);
      this.#at += take;
      this.#filled += take;
      if (this.#filled === length) return this.#message(this.#block.subarray(0, length));
    }
    return undefined;
  }

  /** Unread bytes of the chunk that is being read, which is the next one when it is used up; 0 when there is none. */
  #available(): number {
    if (this.#at === this.#chunk.length) {
      this.#chunk = this.#behind?.shift() ?? nothing;
      this.#at = 0;
      if (this.#behind?.length === 0) this.#behind = undefined;
    }
    return this.#chunk.length - this.#at;
  }

  #message(bytes: Uint8Array): Frame {
    this.#block = nothing;
    this.#filled = 0;
    this.#prefixFilled = 0;
    this.#length = 0;
    return { kind: "message", bytes };
  }

  #grow(needed: number, length: number): void {
    if (needed <= this.#block.length) return;
    const size = Math.min(length, Math.max(needed, this.#block.length * 2, FIRST_BLOCK_BYTES));
    const block = Buffer.allocUnsafeSlow(size);
    block.set(this.#block.subarray(0, this.#filled));
    this.#block = block;
  }
}

/**
 * Smaller pieces are copied together, larger ones passed on as they are. Measured with a push to 5,000 streams: at 1 KB the
 * copy costs three quarters of the CPU of sharing, at 3 KB as much, at 8 KB twice as much and half as much memory again.
 */
const COPY_BYTES = 2048;

/**
 * How much is handed to Node at a time. It keeps books of all that it was handed until it is rid of it, and on a TLS
 * connection copies: with this bound a peer that stops to read costs the same however long its message is.
 */
export const PORTION_BYTES: number = 1024 * 1024;

/** The last message that is one buffer: many streams in a row are sent the same. */
let last: { readonly pieces: readonly Uint8Array[]; readonly buffers: readonly Uint8Array[] } | undefined;

/**
 * One message as the buffers to write: its prefix and its pieces. Small neighbours are joined into one buffer; of a large
 * piece no copy is made, so that one body can be on its way to many streams. No buffer is larger than a portion.
 * For the same array of pieces the same buffers are given.
 */
export function frameMessage(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  if (pieces === last?.pieces) return last.buffers;
  const buffers = buffersOf(pieces);
  if (buffers.length === 1) last = { pieces, buffers };
  return buffers;
}

function buffersOf(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix[0] = 0;
  prefix.writeUInt32BE(length, 1);
  const buffers: Uint8Array[] = [];
  let small: Uint8Array[] = [prefix];
  for (const piece of pieces) {
    if (piece.length > COPY_BYTES) {
      flush(small, buffers);
      small = [];
      for (let at = 0; at < piece.length; at += PORTION_BYTES) {
        buffers.push(piece.length <= PORTION_BYTES ? piece : piece.subarray(at, at + PORTION_BYTES));
      }
    } else if (piece.length > 0) small.push(piece);
  }
  flush(small, buffers);
  return buffers;
}

function flush(small: readonly Uint8Array[], into: Uint8Array[]): void {
  if (small.length === 1) into.push(small[0]!);
  else if (small.length > 1) into.push(joined(small));
}

// Not from Node's pool: of that Node itself cuts a few bytes for every TLS connection, each of which would keep 8 KB alive.
function joined(pieces: readonly Uint8Array[]): Buffer {
  const whole = Buffer.allocUnsafeSlow(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Where the portion ends that begins at this place: before the first buffer that would make it too large. */
export function portionEnd(buffers: readonly Uint8Array[], from: number): number {
  let end = from + 1;
  let bytes = buffers[from]!.length;
  while (end < buffers.length && (bytes += buffers[end]!.length) <= PORTION_BYTES) end++;
  return end;
}
