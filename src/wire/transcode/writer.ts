import { Buffer } from "node:buffer";

/** Wire types of protobuf. */
export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const FIXED32 = 5;

/** Thrown when the bytes written would pass the limit of a writer; nobody outside of `transcode/` sees it. */
export class TooLarge extends Error {}

const firstCapacity = 16 * 1024;
// A short string reserves its worst case, three bytes a character; that much may be over-reserved near the limit.
const slack = 4 * 1024;
const shortString = 96;
const halfPair = /\p{Surrogate}/u;

/**
 * Protobuf primitives written into one buffer that grows and is used again for every message.
 *
 * A length-delimited part is written straight after a one-byte gap for its length; a part of 128 bytes or more is moved up
 * once to make room. So nothing is encoded twice and no part has a buffer of its own.
 */
export class Writer {
  #buffer: Buffer = Buffer.allocUnsafeSlow(firstCapacity);
  #at = 0;
  #limit = 0;

  /** Allows `bytes` more from here on; before the first call nothing can be written. */
  allow(bytes: number): void {
    this.#limit = this.#at + bytes;
  }

  /** Bytes written so far. */
  get at(): number {
    return this.#at;
  }

  /** Forgets what was written after `to`, and gives back the memory of an unusually large message. */
  rewind(to = 0): void {
    this.#at = to;
    if (to === 0 && this.#buffer.length > 64 * firstCapacity) this.#buffer = Buffer.allocUnsafeSlow(firstCapacity);
  }

  /** What was written from `start` on; valid until the next write. */
  view(start = 0, end: number = this.#at): Uint8Array {
    return this.#buffer.subarray(start, end);
  }

  /** Puts ASCII text over bytes written before. */
  overwrite(at: number, ascii: string): void {
    this.#buffer.write(ascii, at, "latin1");
  }

  /** Reads ASCII text back, as a string that keeps nothing else alive. */
  ascii(at: number, length: number): string {
    return this.#buffer.toString("latin1", at, at + length);
  }

  tag(number: number, wireType: number): void {
    this.uint32((number << 3) | wireType);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value;
  }

  /** An unsigned 32-bit varint, given as any number whose low 32 bits are meant. */
  uint32(value: number): void {
    this.#reserve(5);
    let rest = value >>> 0;
    while (rest > 127) {
      this.#buffer[this.#at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  /** A signed 32-bit varint: a negative number takes ten bytes, as the sign is extended to 64 bits. */
  int32(value: number): void {
    if (value >= 0) this.uint32(value);
    else this.int64(value);
  }

  /** A 64-bit varint; a number must be a safe integer. */
  int64(value: number | bigint): void {
    if (typeof value === "number") return this.#varint64(value >>> 0, Math.floor(value / 0x1_0000_0000) >>> 0);
    const bits = BigInt.asUintN(64, value);
    this.#varint64(Number(bits & 0xffff_ffffn), Number(bits >> 32n));
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeUInt32LE(value >>> 0, this.#at);
  }

  fixed64(value: number | bigint): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), this.#at);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeFloatLE(value, this.#at);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** Length-prefixed bytes. */
  bytes(value: Uint8Array): void {
    this.uint32(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** A length-prefixed string. False, and nothing written, when it has half a surrogate pair: no UTF-8 says that. */
  string(text: string): boolean {
    if (text.length <= shortString && this.#ascii(text)) return true;
    const length = Buffer.byteLength(text, "utf8");
    if (length > text.length && halfPair.test(text)) return false;
    this.uint32(length);
    this.#reserve(length);
    this.#at += this.#buffer.write(text, this.#at, "utf8");
    return true;
  }

  #varint64(low: number, high: number): void {
    if (high === 0) return this.uint32(low);
    this.#reserve(10);
    let lower = low;
    let upper = high;
    while (upper > 0 || lower > 127) {
      this.#buffer[this.#at++] = (lower & 127) | 128;
      lower = ((lower >>> 7) | (upper << 25)) >>> 0;
      upper >>>= 7;
    }
    this.#buffer[this.#at++] = lower;
  }

  // Most strings of a configuration are short and ASCII: a loop here beats a call out of JavaScript.
  #ascii(text: string): boolean {
    const length = text.length;
    this.#reserve(length + 1);
    const buffer = this.#buffer;
    let at = this.#at;
    buffer[at++] = length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
      buffer[at++] = code;
    }
    this.#at = at;
    return true;
  }

  /** Starts a length-delimited part; hand the result to `end`. */
  begin(): number {
    this.#reserve(1);
    return ++this.#at;
  }

  /** Ends the part that began at `start` by filling in its length. */
  end(start: number): void {
    const length = this.#at - start;
    if (length < 128) {
      this.#buffer[start - 1] = length;
      return;
    }
    const extra = length < 1 << 14 ? 1 : length < 1 << 21 ? 2 : length < 1 << 28 ? 3 : 4;
    this.#reserve(extra);
    this.#buffer.copyWithin(start + extra, start, this.#at);
    const end = this.#at + extra;
    this.#at = start - 1;
    this.uint32(length);
    this.#at = end;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#buffer.length) return;
    if (needed > this.#limit + slack) throw new TooLarge();
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.#buffer.length * 2, this.#limit + slack)));
    grown.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = grown;
  }
}
