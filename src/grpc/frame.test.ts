import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameMessage, FrameReader, PORTION_BYTES, portionEnd, type Frame } from "./frame.ts";

const max = 64 * 1024;

function frames(reader: FrameReader): Frame[] {
  const found: Frame[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) found.push(frame);
  return found;
}

function encode(message: Uint8Array): Buffer {
  return Buffer.concat(frameMessage([message]));
}

/** The same bytes cut at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const message = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1000, maxLength: 6000, size: "max" }) },
);

describe("FrameReader", () => {
  it("gives back the messages however their bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 30 }), (messages, places) => {
        const reader = new FrameReader(max);
        const found: Frame[] = [];
        for (const chunk of cut(Buffer.concat(messages.map(encode)), places)) {
          reader.push(chunk);
          found.push(...frames(reader));
        }
        expect(found.map((frame) => frame.kind === "message" && Buffer.from(frame.bytes).toString("hex"))).toEqual(
          messages.map((bytes) => Buffer.from(bytes).toString("hex")),
        );
        expect(reader.midway).toBe(false);
        expect(reader.held).toBe(0);
      }),
    );
  });

  it("gives them back too when several chunks are pushed before any is read", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 10 }), (messages, places) => {
        const reader = new FrameReader(max);
        for (const chunk of cut(Buffer.concat(messages.map(encode)), places)) reader.push(chunk);
        expect(frames(reader).length).toBe(messages.length);
      }),
    );
  });

  it("never holds more than twice what it received, whatever length was announced", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000, size: "max" }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (bytes, places) => {
          const reader = new FrameReader(max);
          const announced = Buffer.from([0, 0, 0, 0xff, 0xff]);
          let received = 0;
          for (const chunk of cut(Buffer.concat([announced, bytes]), places)) {
            received += chunk.length;
            reader.push(chunk);
            expect(reader.next()).toBeUndefined();
            expect(reader.held).toBeLessThanOrEqual(Math.max(1024, 2 * received));
          }
          expect(reader.midway).toBe(true);
        },
      ),
    );
  });

  it("has a verdict on any bytes and gives nothing after a bad frame", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (chunks) => {
        const reader = new FrameReader(8);
        const found: Frame[] = [];
        for (const chunk of chunks) {
          reader.push(chunk);
          found.push(...frames(reader));
        }
        const bad = found.findIndex((frame) => frame.kind !== "message");
        expect(bad === -1 || bad === found.length - 1).toBe(true);
      }),
    );
  });

  it("takes a message of exactly the limit and refuses one byte more as soon as its prefix is read", () => {
    const fits = new FrameReader(3);
    fits.push(Buffer.from([0, 0, 0, 0, 3, 7, 8, 9]));
    expect(fits.next()).toEqual({ kind: "message", bytes: Buffer.from([7, 8, 9]) });
    const tooLong = new FrameReader(3);
    tooLong.push(Buffer.from([0, 0, 0, 0, 4]));
    expect(tooLong.next()).toEqual({ kind: "oversized", length: 4 });
    expect(tooLong.held).toBe(0);
  });

  it("reads the length as an unsigned number", () => {
    const reader = new FrameReader(max);
    reader.push(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
    expect(reader.next()).toEqual({ kind: "oversized", length: 2 ** 32 - 1 });
  });

  it("tells a compressed message from an unknown flag", () => {
    const compressed = new FrameReader(max);
    compressed.push(Buffer.from([1, 0, 0, 0, 0]));
    expect(compressed.next()).toEqual({ kind: "compressed" });
    const malformed = new FrameReader(max);
    malformed.push(Buffer.from("GET / HTTP/1.1"));
    expect(malformed.next()).toEqual({ kind: "malformed", flag: 0x47 });
    malformed.push(encode(Buffer.from("fine")));
    expect(malformed.next()).toBeUndefined();
  });

  it("views a message inside one chunk without a copy", () => {
    const bytes = encode(Buffer.from("hello"));
    const reader = new FrameReader(max);
    reader.push(bytes);
    const frame = reader.next();
    expect(frame?.kind === "message" && frame.bytes.buffer === bytes.buffer).toBe(true);
  });

  it("never joins what waits to be read, so that much of it costs no more than little", () => {
    const reader = new FrameReader(max);
    const chunks = Array.from({ length: 100 }, (_, i) => encode(Buffer.from(`message ${i}`)));
    for (const chunk of chunks) reader.push(chunk);
    expect(reader.midway).toBe(true);
    for (const chunk of chunks) {
      const frame = reader.next();
      expect(frame).toEqual({ kind: "message", bytes: chunk.subarray(5) });
      expect(frame?.kind === "message" && frame.bytes.byteOffset - chunk.byteOffset).toBe(5);
    }
    expect(reader.next()).toBeUndefined();
    expect(reader.midway).toBe(false);
  });

  it("copies a message of many chunks a bounded number of times", () => {
    const body = Buffer.alloc(max, 1);
    const bytes = encode(body);
    const reader = new FrameReader(max);
    let blocks = 0;
    let before = 0;
    for (let at = 0; at < bytes.length - 1; at += 7) {
      reader.push(bytes.subarray(at, Math.min(at + 7, bytes.length - 1)));
      expect(reader.next()).toBeUndefined();
      if (reader.held !== before) blocks++;
      before = reader.held;
    }
    reader.push(bytes.subarray(bytes.length - 1));
    expect(reader.next()).toEqual({ kind: "message", bytes: body });
    expect(blocks).toBeLessThanOrEqual(Math.ceil(Math.log2(max / 1024)) + 1);
  });
});

describe("frameMessage", () => {
  it("prefixes the joined pieces, however they are laid out", () => {
    const piece = fc.oneof(fc.uint8Array({ maxLength: 10 }), fc.constant(new Uint8Array(5000).fill(7)));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const body = Buffer.concat(pieces);
        const bytes = Buffer.concat(frameMessage(pieces));
        expect(bytes[0]).toBe(0);
        expect(bytes.readUInt32BE(1)).toBe(body.length);
        expect(bytes.subarray(5).equals(body)).toBe(true);
      }),
    );
  });

  it("makes one buffer of small pieces", () => {
    expect(frameMessage([Buffer.from("a"), Buffer.from("b"), new Uint8Array(0)])).toHaveLength(1);
    expect(frameMessage([])).toEqual([Buffer.from([0, 0, 0, 0, 0])]);
  });

  it("passes a large piece on as the very array that was given", () => {
    const large = new Uint8Array(100_000);
    const buffers = frameMessage([large, Buffer.from("nonce")]);
    expect(buffers).toHaveLength(3);
    expect(buffers[1]).toBe(large);
  });

  it("cuts what is larger than a portion without a copy, and portions never exceed their size", () => {
    const sizes = fc.array(fc.oneof(fc.nat(5_000), fc.integer({ min: 100_000, max: 3 * PORTION_BYTES })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const pieces = lengths.map((length, i) => new Uint8Array(length).fill(i));
        const buffers = frameMessage(pieces);
        expect(Buffer.concat(buffers).subarray(5).equals(Buffer.concat(pieces))).toBe(true);
        for (const buffer of buffers) {
          if (buffer.length > 50_000) expect(pieces.some((piece) => piece.buffer === buffer.buffer)).toBe(true);
        }
        let from = 0;
        while (from < buffers.length) {
          const end = portionEnd(buffers, from);
          expect(end).toBeGreaterThan(from);
          expect(Buffer.concat(buffers.slice(from, end)).length).toBeLessThanOrEqual(PORTION_BYTES);
          from = end;
        }
        expect(from).toBe(buffers.length);
      }),
      { numRuns: 30 },
    );
  });
});
