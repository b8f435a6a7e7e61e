import { crc32 } from "node:zlib";
import type { PackedReading } from "../packed/layout.ts";

/**
 * How an entry of the cache stands on disk: a fixed front, then the head of the packed reading, then its bodies. The front says
 * what it is, of which key, how long both parts are, and their checksums.
 */
const MAGIC = Buffer.from("galley cache 1\n\0", "latin1");
const KEY_BYTES = 32;
const KEY_AT = MAGIC.length;
const LENGTHS_AT = KEY_AT + KEY_BYTES;

/** Bytes of the front. */
export const FRONT_BYTES: number = LENGTHS_AT + 4 * 5;

/** Front of the entry of a key. */
export function writeFront(key: Buffer, { head, bodies }: PackedReading): Buffer {
  const front = Buffer.alloc(FRONT_BYTES);
  MAGIC.copy(front);
  key.copy(front, KEY_AT);
  front.writeUInt32LE(head.length, LENGTHS_AT);
  front.writeUInt32LE(bodies.length, LENGTHS_AT + 4);
  front.writeUInt32LE(crc32(head), LENGTHS_AT + 8);
  front.writeUInt32LE(crc32(bodies), LENGTHS_AT + 12);
  front.writeUInt32LE(crc32(front.subarray(0, FRONT_BYTES - 4)), FRONT_BYTES - 4);
  return front;
}

/** The lengths of both parts, if this is the front of an entry of that key and the whole has this many bytes. */
export function readFront(
  front: Buffer,
  key: Buffer,
  totalBytes: number,
): { readonly head: number; readonly bodies: number } | undefined {
  if (front.length !== FRONT_BYTES || !front.subarray(0, KEY_AT).equals(MAGIC)) return undefined;
  if (front.readUInt32LE(FRONT_BYTES - 4) !== crc32(front.subarray(0, FRONT_BYTES - 4))) return undefined;
  if (!front.subarray(KEY_AT, LENGTHS_AT).equals(key)) return undefined;
  const head = front.readUInt32LE(LENGTHS_AT);
  const bodies = front.readUInt32LE(LENGTHS_AT + 4);
  return FRONT_BYTES + head + bodies === totalBytes ? { head, bodies } : undefined;
}

/** Whether both parts are what was written. */
export function isIntact(front: Buffer, { head, bodies }: PackedReading): boolean {
  return crc32(head) === front.readUInt32LE(LENGTHS_AT + 8) && crc32(bodies) === front.readUInt32LE(LENGTHS_AT + 12);
}
