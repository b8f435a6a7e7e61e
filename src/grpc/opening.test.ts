import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recogniseOpening } from "./opening.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

describe("recogniseOpening", () => {
  it.each([
    ["", "undecided"],
    ["P", "undecided"],
    ["PRI", "undecided"],
    ["PRI ", "http2"],
    [preface, "http2"],
    [`${preface}\0\0\0\x04`, "http2"],
    ["PRI * HTTP/1.1\r\n", "http1"],
    ["GET / HTTP/1.1\r\n", "http1"],
    ["POST /x HTTP/1.0\r\n", "http1"],
    ["G", "http1"],
    ["PUT", "http1"],
    ["\x16\x03\x01\x02\x00", "tls"],
    ["\0\0\0\x04", "unknown"],
    ["ssh-2.0", "unknown"],
  ])("takes %j for %s", (text, opening) => {
    expect(recogniseOpening(Buffer.from(text, "latin1"))).toBe(opening);
  });

  it("takes nothing for foreign that could still become HTTP/2, and is undecided for three bytes at most", () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.mixedCase(fc.constant(preface)).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, fc.nat(30), (whole, length) => {
        const start = recogniseOpening(whole.subarray(0, length));
        if (recogniseOpening(whole) === "http2") expect(["http2", "undecided"]).toContain(start);
        if (start === "undecided") expect(Math.min(length, whole.length)).toBeLessThan(4);
      }),
    );
  });
});
