import fc from "fast-check";
import { expect, test } from "vitest";
import { type Frame, FrameReader } from "../../src/grpc/frame.ts";
import { keptBytes } from "./corpus.ts";
import { fuzzing, patience, spoiledBytes } from "./fuzzing.ts";

/** Small, so that chance often finds messages around it. */
const MAX_BYTES = 40;
const PREFIX_BYTES = 5;

const kept = keptBytes("frames");

interface Reading {
  readonly frames: readonly Frame[];
  /** Whether the bytes end inside a message. */
  readonly midway: boolean;
}

/** What the format says of the bytes as a whole: the slow and obvious way. */
function readWhole(bytes: Uint8Array): Reading {
  const frames: Frame[] = [];
  let rest = Buffer.from(bytes);
  while (rest.length >= PREFIX_BYTES) {
    const flag = rest[0]!;
    const length = rest.readUInt32BE(1);
    if (flag > 1) return { frames: [...frames, { kind: "malformed", flag }], midway: false };
    if (flag === 1) return { frames: [...frames, { kind: "compressed" }], midway: false };
    if (length > MAX_BYTES) return { frames: [...frames, { kind: "oversized", length }], midway: false };
    if (rest.length < PREFIX_BYTES + length) break;
    frames.push({ kind: "message", bytes: Buffer.from(rest.subarray(PREFIX_BYTES, PREFIX_BYTES + length)) });
    rest = rest.subarray(PREFIX_BYTES + length);
  }
  return { frames, midway: rest.length > 0 };
}

/** The same by the reader, which gets the bytes piece by piece; `lazily`, it is not asked after every piece. */
function readPieces(bytes: Uint8Array, cuts: readonly number[], lazily: readonly boolean[]): Reading {
  const reader = new FrameReader(MAX_BYTES);
  const frames: Frame[] = [];
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const [i, to] of places.entries()) {
    reader.push(Buffer.from(bytes.subarray(from, to)));
    from = to;
    expect(reader.held).toBeLessThanOrEqual(Math.max(1024, 2 * MAX_BYTES));
    if (lazily[i] === true && to < bytes.length) continue;
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(plain(frame));
  }
  const failed = frames.length > 0 && frames.at(-1)!.kind !== "message";
  return { frames, midway: !failed && reader.midway };
}

function plain(frame: Frame): Frame {
  return frame.kind === "message" ? { kind: "message", bytes: Buffer.from(frame.bytes) } : frame;
}

const message = fc.uint8Array({ maxLength: MAX_BYTES + 3 }).map((body) => {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
});
const stream = fc.oneof(
  fc.array(message, { maxLength: 6 }).map((messages) => Buffer.concat(messages)),
  spoiledBytes(kept.map(({ input }) => input)),
  fc.uint8Array({ maxLength: 30 }),
);

test(
  "whatever the bytes and however they come in pieces, the reader says what the format says of the whole",
  patience,
  () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 20 }), fc.array(fc.boolean()), (bytes, cuts, lazily) => {
        expect(readPieces(bytes, cuts, lazily)).toEqual(readWhole(bytes));
      }),
      fuzzing(5000),
    );
  },
);

test.each(kept)("kept: $name, byte by byte", ({ input }) => {
  const everywhere = Array.from(input, (_, i) => i);
  expect(readPieces(input, everywhere, [])).toEqual(readWhole(input));
});
