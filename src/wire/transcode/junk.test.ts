import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBody } from "../encode-body.ts";
import { type ApiGeneration, registryFor } from "../registry.ts";

// Values that no parser of JSON makes are here too: a verdict is owed to anything.
const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withNullPrototype: true,
    withSparseArray: true,
    withMap: true,
    maxDepth: 2,
  }),
  fc.constantFrom(
    undefined,
    Number.NaN,
    -0,
    Number.POSITIVE_INFINITY,
    "\ud800",
    Symbol("x"),
    () => 1,
    "__proto__",
    "1e400",
    "",
  ),
);

function names(generation: ApiGeneration): string[] {
  return [...registryFor(generation)].filter((type) => type.kind === "message").map((type) => type.typeName);
}

function keysOf(generation: ApiGeneration, name: string): string[] {
  return registryFor(generation)
    .getMessage(name)!
    .fields.flatMap((field) => [field.name, field.jsonName]);
}

/** Junk under names that the message knows, and under names that every object seems to have. */
function object(generation: ApiGeneration, name: string): fc.Arbitrary<unknown> {
  const key = fc.constantFrom(...keysOf(generation, name), "__proto__", "constructor", "hasOwnProperty", "@type", "");
  const inner = fc.oneof(
    junk,
    fc.dictionary(key, junk, { maxKeys: 3, noNullPrototype: false }),
    fc.array(junk, { maxLength: 2 }),
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.dictionary(key, inner, { maxKeys: 6, noNullPrototype: false }) },
    { weight: 1, arbitrary: junk },
  );
}

test.each<ApiGeneration>(["1.3", "current"])("any junk for any message of the %s API gets a verdict", (generation) => {
  for (const message of names(generation)) {
    const check = fc.property(object(generation, message), (body) => {
      const encoded = encodeBody({ message, generations: [generation] }, body);
      const bytes = generation === "1.3" ? encoded.legacy : encoded.current;
      expect(bytes === undefined).toBe(encoded.issues.some(({ severity }) => severity === "error"));
      for (const { message: said } of encoded.issues) expect(said.length).toBeLessThan(2000);
    });
    fc.assert(check, { numRuns: 20 });
  }
});

test("names that every object inherits are unknown fields, not found in its prototype", () => {
  const spec = { message: "istio.networking.v1alpha3.Gateway", generations: ["1.3"] } as const;
  const body = JSON.parse('{"constructor": {}, "__proto__": {"servers": 1}, "toString": 1}') as unknown;
  const { issues, legacy } = encodeBody(spec, body);
  expect(issues.map(({ path }) => path)).toEqual([["constructor"], ["__proto__"], ["toString"]]);
  expect(legacy?.length).toBe(0);
});

test("objects without a prototype are objects", () => {
  const spec = { message: "istio.networking.v1alpha3.Sidecar", generations: ["1.3"] } as const;
  const labels = Object.assign(Object.create(null) as object, { app: "x" });
  const body = Object.assign(Object.create(null) as object, { workloadSelector: { labels } });
  expect(encodeBody(spec, body)).toEqual(encodeBody(spec, { workloadSelector: { labels: { app: "x" } } }));
});
