import { expect, test } from "vitest";
import { decodeDeltaRequest, decodeRequest, MAX_NAMES } from "./request.ts";

/** A length-delimited field of fewer than 128 bytes. */
function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
}

function names(number: number, count: number): Buffer {
  return Buffer.alloc(count * 3, field(number, Buffer.from("n")));
}

function versions(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => field(5, field(1, Buffer.from(i.toString(36))))));
}

const lists = [
  ["the names of a request", decodeRequest, (count: number) => names(3, count)],
  ["the names that a delta request subscribes to", decodeDeltaRequest, (count: number) => names(3, count)],
  ["those that it unsubscribes from", decodeDeltaRequest, (count: number) => names(4, count)],
  ["the versions that it says are held", decodeDeltaRequest, versions],
] as const;

test.each(lists)("%s may be as many as a subscription may hold", (_, decode, list) => {
  expect(decode(list(MAX_NAMES))).toMatchObject({ typeUrl: "" });
});

test.each(lists)("of %s one more is too much, and what follows is not looked at", (_, decode, list) => {
  expect(decode(Buffer.concat([list(MAX_NAMES + 1), Buffer.from("garbage")]))).toBe("too many names");
});

test.each([
  ["a request", decodeRequest],
  ["a delta request", decodeDeltaRequest],
])("%s that breaks off in the middle is malformed", (_, decode) => {
  expect(decode(Buffer.from("22ff01", "hex"))).toBe("malformed");
});
