import { Buffer } from "node:buffer";
import type { Encoding } from "./encoding.ts";

const alphabet = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Bytes from base64 in the standard or the URL-safe alphabet, padded or not. */
export function readBytes(out: Encoding, value: unknown): Uint8Array | undefined {
  if (typeof value !== "string") return out.wrongType("base64 text", value);
  if (!alphabet.test(value)) return out.badValue("must be base64");
  const padding = value.endsWith("==") ? 2 : value.endsWith("=") ? 1 : 0;
  const isWhole = padding > 0 ? value.length % 4 === 0 : value.length % 4 !== 1;
  if (!isWhole) return out.badValue("must be base64, whose length can't be this");
  // Node takes both alphabets under this name.
  return Buffer.from(value, "base64");
}
