import { hash } from "node:crypto";

/** Characters in a content hash: 132 bits in URL-safe base64. */
export const CONTENT_HASH_LENGTH = 22;

const front = Buffer.alloc(CONTENT_HASH_LENGTH);

/**
 * A hash of content, short enough to print and long enough that nobody finds two contents with the same.
 *
 * SHA-256 cut to 132 bits: with the one-shot call and the CPU's own instructions it takes 0.4 to 0.5 µs for 500 bytes, less
 * than any hash written in JavaScript.
 */
export function contentHash(content: Uint8Array | string): string {
  // Cut by way of bytes: a `slice` would keep the whole text alive, 103 bytes for each hash instead of 47.
  front.write(hash("sha256", content, "base64url"), "latin1");
  return front.toString("latin1");
}
