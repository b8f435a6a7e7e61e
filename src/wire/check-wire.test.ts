import { create, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { StructSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { registryFor } from "./registry.ts";
import { checkWire } from "./check-wire.ts";
import { bytesFor } from "./testing/bytes-for.ts";

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
