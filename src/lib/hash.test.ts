import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { CONTENT_HASH_LENGTH, contentHash } from "./hash.ts";

test("a content hash is the front of SHA-256 in URL-safe base64", () => {
  const expected = createHash("sha256").update("abc").digest("base64url").slice(0, CONTENT_HASH_LENGTH);
  expect(contentHash("abc")).toBe(expected);
  expect(contentHash(Buffer.from("abc"))).toBe(expected);
});

test("different contents have different hashes", () => {
  expect(new Set(Array.from({ length: 1000 }, (_, i) => contentHash(`${i}`))).size).toBe(1000);
});
