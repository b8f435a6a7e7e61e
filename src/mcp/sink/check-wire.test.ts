import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ResourcesSchema } from "../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { registryFor } from "../../wire/registry.ts";
import { checkWire } from "./check-wire.ts";
import { decodeResources, type WireResources } from "./message.ts";

function throws(run: () => void): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

const everyMessage: readonly DescMessage[] = (["1.3", "current"] as const).flatMap((generation) =>
  [...registryFor(generation)].filter((type) => type.kind === "message"),
);

test("no message of Istio's APIs has groups, which are not supported", () => {
  const groups = everyMessage.flatMap((message) =>
    message.fields.filter((field) => "delimitedEncoding" in field && field.delimitedEncoding),
  );
  expect(everyMessage.length).toBeGreaterThan(500);
  expect(groups).toEqual([]);
});

/**
 * Bytes that look like a message of a kind: mostly its own field numbers with wire types that mostly fit, and contents that
 * are bytes of anything, texts, or more of the same.
 */
function bytesFor(desc: DescMessage, depth = 0): fc.Arbitrary<Uint8Array> {
  if (desc.fields.length === 0 || depth > 3) return fc.uint8Array({ maxLength: 6 });
  const one = fc.constantFrom(...desc.fields).chain((field) => {
    const nested = "message" in field && field.message !== undefined ? [bytesFor(field.message, depth + 1)] : [];
    const text = fc.string({ maxLength: 8, unit: "grapheme" }).map((value) => new TextEncoder().encode(value));
    const content = fc.oneof(...nested, text, fc.uint8Array({ maxLength: 10 }));
    const varint = fc.oneof(fc.nat(300), fc.nat()).map((value) => encodeVarint(value));
    const delimited = fc
      .tuple(content, fc.constantFrom(0, 0, 0, 0, 0, 1))
      .map(([bytes, off]) => [...encodeVarint(bytes.length + off), ...bytes]);
    return fc.oneof(
      delimited.map((bytes) => [...encodeVarint((field.number << 3) | 2), ...bytes]),
      varint.map((bytes) => [...encodeVarint(field.number << 3), ...bytes]),
      fc
        .uint8Array({ minLength: 8, maxLength: 8 })
        .map((bytes) => [...encodeVarint((field.number << 3) | 1), ...bytes]),
      fc
        .uint8Array({ minLength: 4, maxLength: 4 })
        .map((bytes) => [...encodeVarint((field.number << 3) | 5), ...bytes]),
    );
  });
  return fc.array(one, { maxLength: 3 }).map((fields) => Uint8Array.from(fields.flat()));
}

function encodeVarint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

test("bytes pass for a message if and only if they decode as it", () => {
  const verdicts = { good: 0, bad: 0 };
  const cases = fc
    .constantFrom(...everyMessage)
    .chain((desc) => fc.tuple(fc.constant(desc), fc.oneof(bytesFor(desc), fc.uint8Array())));
  fc.assert(
    fc.property(cases, ([desc, bytes]) => {
      const bad = throws(() => fromBinary(desc, bytes));
      verdicts[bad ? "bad" : "good"]++;
      expect(throws(() => checkWire(desc, bytes))).toBe(bad);
    }),
    { numRuns: 5000 },
  );
  expect(Math.min(verdicts.good, verdicts.bad)).toBeGreaterThan(500); // the cases are worth something
});

test("messages nest as deep as the library lets them, and no deeper", () => {
  const verdicts = new Set<boolean>();
  for (let depth = 40; depth < 60; depth++) {
    let value: object = {};
    for (let level = 0; level < depth; level++) {
      value = { fields: { inner: { kind: { case: "structValue", value: create(StructSchema, value) } } } };
    }
    const bytes = toBinary(StructSchema, create(StructSchema, value));
    const bad = throws(() => fromBinary(StructSchema, bytes));
    verdicts.add(bad);
    expect(throws(() => checkWire(StructSchema, bytes))).toBe(bad);
  }
  expect(verdicts.size).toBe(2);
});

/** What the library makes of the bytes, in the same form. */
function byLibrary(bytes: Uint8Array): WireResources | undefined {
  try {
    const message = fromBinary(ResourcesSchema, bytes);
    const { systemVersionInfo: version, collection, removedResources: removed, nonce, incremental } = message;
    const resources = message.resources.map(({ metadata, body }) => ({
      metadata: metadata && {
        name: metadata.name,
        version: metadata.version,
        createTime: metadata.createTime && {
          seconds: Number(metadata.createTime.seconds),
          nanos: metadata.createTime.nanos,
        },
        labels: metadata.labels,
        annotations: metadata.annotations,
      },
      body: body && { typeUrl: body.typeUrl, value: body.value },
    }));
    return { version, collection, resources, removed, nonce, incremental };
  } catch {
    return undefined;
  }
}

test("a push is read as the library reads it, or refused as it refuses it", () => {
  const verdicts = { good: 0, bad: 0 };
  fc.assert(
    fc.property(
      fc.oneof({ weight: 4, arbitrary: bytesFor(ResourcesSchema) }, { weight: 1, arbitrary: fc.uint8Array() }),
      (bytes) => {
        const expected = byLibrary(bytes);
        verdicts[expected === undefined ? "bad" : "good"]++;
        expect(decodeResources(bytes)).toEqual(expected);
      },
    ),
    { numRuns: 5000 },
  );
  expect(Math.min(verdicts.good, verdicts.bad)).toBeGreaterThan(500);
});
