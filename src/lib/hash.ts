import { hash } from "node:crypto";

/** Characters in a content hash: 132 bits in URL-safe base64. */
export const CONTENT_HASH_LENGTH = 22;

/**
 * A hash of content, short enough to print and long enough that nobody finds two contents with the same.
 *
 * SHA-256 cut to 132 bits: with the one-shot call and the CPU's own instructions it takes 0.4 to 0.5 µs for 500 bytes, less
 * than any hash written in JavaScript.
 */
export function contentHash(content: Uint8Array | string): string {
  return hash("sha256", content, "base64url").slice(0, CONTENT_HASH_LENGTH);
}
