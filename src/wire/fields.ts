/**
 * Single protobuf fields written by hand: what the serving path assembles messages from without building objects.
 * Field numbers up to 15 only, so that a tag is one byte.
 */

/** A length-delimited field around bytes that are already encoded, as two pieces: the prefix and those very bytes. */
export function bytesField(number: number, bytes: Uint8Array): [Uint8Array, Uint8Array] {
  const prefix = [(number << 3) | 2];
  pushVarint(prefix, bytes.length);
  return [Uint8Array.from(prefix), bytes];
}

/** A field around each of several, side by side in one array of its own. */
export function bytesFields(number: number, items: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const item of items) length += 1 + varintLength(item.length) + item.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const item of items) {
    whole[at++] = (number << 3) | 2;
    at = writeVarint(item.length, whole, at);
    whole.set(item, at);
    at += item.length;
  }
  return whole;
}

/** A string field; an empty string is written too, as a repeated field needs it. */
export function stringField(number: number, text: string): Uint8Array {
  return concat(bytesField(number, Buffer.from(text, "utf8")));
}

/** A varint field: bool, enum, or an unsigned integer below 2^53. */
export function varintField(number: number, value: number): Uint8Array {
  const bytes = [number << 3];
  pushVarint(bytes, value);
  return Uint8Array.from(bytes);
}

/** One array of its own with all pieces; never a view of a pool, which a long-lived message would keep alive. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Writes a varint, and gives the place behind it. */
function writeVarint(value: number, into: Uint8Array, at: number): number {
  let end = at;
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) into[end++] = (rest % 128) | 128;
  into[end++] = rest;
  return end;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) length++;
  return length;
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
