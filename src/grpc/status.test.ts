import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeName, codes, encodeMessage, MAX_MESSAGE_BYTES, OK, status } from "./status.ts";

describe("codes", () => {
  it("numbers the seventeen codes of gRPC from 0 without a gap", () => {
    expect(Object.values(codes)).toEqual([...Array(17).keys()]);
  });

  it.each([
    [0, "OK"],
    [1, "Canceled"],
    [3, "InvalidArgument"],
    [4, "DeadlineExceeded"],
    [12, "Unimplemented"],
    [14, "Unavailable"],
    [16, "Unauthenticated"],
    [17, "Code(17)"],
    [-1, "Code(-1)"],
  ])("names %i as Go does: %s", (code, name) => {
    expect(codeName(code)).toBe(name);
  });

  it("makes a status by name", () => {
    expect(status("NotFound", "no such thing")).toEqual({ code: 5, message: "no such thing" });
    expect(OK).toEqual({ code: 0, message: "" });
  });
});

describe("encodeMessage", () => {
  it.each([
    ["plain text, untouched!", "plain text, untouched!"],
    ["100%", "100%25"],
    ["two\nlines", "two%0Alines"],
    ["naïve – 😀", "na%C3%AFve %E2%80%93 %F0%9F%98%80"],
    ["\ud800 alone", "%EF%BF%BD alone"],
  ])("writes %j as %j", (text, encoded) => {
    expect(encodeMessage(text)).toBe(encoded);
  });

  it("gives printable ASCII of bounded length that decodes to a prefix of the message", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 3000 }), (text) => {
        const encoded = encodeMessage(text);
        expect(encoded).toMatch(/^[\x20-\x7e]*$/);
        expect(encoded.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        expect(Buffer.from(text).toString().startsWith(decodeURIComponent(encoded))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("cuts a long message between characters", () => {
    const encoded = encodeMessage("é".repeat(10_000));
    expect(encoded.length).toBe(Math.floor(MAX_MESSAGE_BYTES / 6) * 6);
    expect(decodeURIComponent(encoded)).toMatch(/^é+$/);
  });
});
