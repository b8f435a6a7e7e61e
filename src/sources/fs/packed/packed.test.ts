import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../lib/clock.ts";
import { istioCollections } from "../../../model/registry.ts";
import { Slab } from "../../../wire/slab.ts";
import { readDocuments } from "../documents.ts";
import { place, type Reading } from "../reading.ts";
import type { Decode } from "../options.ts";
import { FileRecord } from "../records.ts";
import { Slice } from "../slice.ts";
import { decode as decodeThing } from "../testing/harness.ts";
import { manifests } from "../testing/manifests.ts";
import { createDecode } from "../workers/istio.ts";
import type { PackedReading } from "./layout.ts";
import { packReading } from "./pack.ts";
import { asPacked, unpackReading } from "./unpack.ts";

const served = istioCollections().without((spec) => spec.excludedByDefault);
const decodeIstio = createDecode(served.all.map((spec) => spec.name));

async function read(text: string, decode: Decode, path = "a.yaml"): Promise<Reading> {
  const deps = { decode, store: new Slab(), slice: new Slice(systemClock, Infinity), maxDocuments: 1000 };
  return (await readDocuments(new FileRecord(path, path), { ok: true, text, isDamaged: false }, deps))!;
}

/** All that a reading says, with places. */
function told(reading: Reading): unknown {
  place(reading);
  return reading.documents.map(({ index, line, hash, claims, misses, notes }) => ({
    index,
    line,
    hash,
    misses,
    notes,
    claims: claims.map((claim) => {
      const { collection, name, version, legacy, current } = claim.resource;
      const bytes = [legacy, current].map((body) => body && Buffer.from(body).toString("hex"));
      const known = { line: claim.line, kind: claim.kind, name: claim.name, place: claim.describe() };
      return { ...known, collection, resource: name, version, bytes, isShared: legacy === current };
    }),
  }));
}

function unpacked(packed: PackedReading): Reading | undefined {
  return unpackReading(new FileRecord("a.yaml", "a.yaml"), packed, asPacked);
}

describe("a packed reading", () => {
  it("says all that the reading says, whatever the file holds", async () => {
    await fc.assert(
      fc.asyncProperty(manifests, fc.constantFrom(decodeIstio, decodeThing), async (text, decode) => {
        const reading = await read(text, decode);
        expect(told(unpacked(packReading(reading))!)).toEqual(told(reading));
      }),
      { numRuns: 300 },
    );
  });

  it("keeps names beyond Latin", async () => {
    const text = "apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: 网关, namespace: ñ}\nspec: {}\n";
    const reading = await read(text, decodeIstio);
    expect(told(unpacked(packReading(reading))!)).toEqual(told(reading));
    expect(reading.documents[0]!.claims[0]!.resource.name).toBe("ñ/网关");
  });

  it("shares no memory with what it was made of", async () => {
    const reading = await read("apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\n", decodeIstio);
    const { head, bodies } = packReading(reading);
    const { legacy } = reading.documents[0]!.claims[0]!.resource;
    expect(legacy!.length).toBeGreaterThan(0);
    expect(head.buffer.byteLength).toBe(head.length);
    expect(bodies.buffer.byteLength).toBe(bodies.length);
    bodies.fill(0);
    expect(legacy!.some((byte) => byte !== 0)).toBe(true);
  });

  it("is no reading when it was cut short, or when it is something else", async () => {
    const { head, bodies } = packReading(await read("a: 1\n---\nb: 2\n", decodeIstio));
    expect(unpacked({ head, bodies })).toBeDefined();
    for (let length = 0; length < head.length; length += 4) {
      expect(unpacked({ head: head.slice(0, length), bodies })).toBeUndefined();
    }
    expect(unpacked({ head: new Uint8Array(64), bodies })).toBeUndefined();
  });
});
