import { type DescField, type DescMessage, ScalarType, fromBinary, fromJson, toBinary } from "@bufbuild/protobuf";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeBody } from "../encode-body.ts";
import { type ApiGeneration, registryFor } from "../registry.ts";
import { Compiler } from "./compile.ts";
import { Encoding } from "./encoding.ts";
import { isInlined } from "./kubernetes.ts";

// Whatever valid JSON is generated for whatever message, the transcoder must write the very bytes that protobuf-es does.

const MAX_LEVELS = 3;
const word = fc.stringMatching(/^[a-z][a-z_./-]{0,7}$/);
const text = fc.oneof(
  word,
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ minLength: 100, maxLength: 400 }),
);
const seconds = fc.integer({ min: -9_000_000_000, max: 9_000_000_000 });
const instant = fc.date({
  min: new Date("0001-01-02T00:00:00Z"),
  max: new Date("9999-12-30T00:00:00Z"),
  noInvalidDate: true,
});
const double = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
  fc.constantFrom("NaN", "Infinity", "-Infinity", "1.5e3"),
);
const long = (type: "int" | "uint") =>
  fc.bigInt(type === "int" ? { min: -(2n ** 63n), max: 2n ** 63n - 1n } : { min: 0n, max: 2n ** 64n - 1n }).map(String);
const int32 = fc.integer().map((n) => (n % 3 === 0 ? String(n) : n));
const uint32 = fc.integer({ min: 0, max: 0xffffffff });

function scalar(type: ScalarType): fc.Arbitrary<JsonValue> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64"));
    case ScalarType.DOUBLE:
      return double;
    case ScalarType.FLOAT:
      return fc.float({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0));
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return fc.oneof(long("int"), fc.maxSafeInteger());
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return fc.oneof(long("uint"), fc.maxSafeNat());
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return uint32;
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return int32;
  }
}

const anything = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie("value"), { maxLength: 3 }),
    sortedMap(tie("value")),
  ),
})).value;
const anyObject = sortedMap(anything);

// In the order of their keys, which no engine reorders as they aren't numbers: so the library writes them in our order.
function sortedMap<T extends JsonValue>(
  value: fc.Arbitrary<T>,
  key: fc.Arbitrary<string> = word,
): fc.Arbitrary<JsonObject> {
  return fc
    .uniqueArray(fc.tuple(key, value), { maxLength: 3, selector: ([name]) => name })
    .map((entries) => Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

const special: Readonly<Record<string, fc.Arbitrary<JsonValue>>> = {
  "google.protobuf.Struct": anyObject,
  "google.protobuf.Value": anything,
  "google.protobuf.ListValue": fc.array(anything, { maxLength: 3 }),
  "google.protobuf.Duration": fc
    .tuple(seconds, fc.nat(999_999_999))
    .map(([s, n]) => `${s}.${String(n).padStart(9, "0")}s`),
  "google.protobuf.Timestamp": instant.map((date) => date.toISOString()),
  "google.protobuf.FieldMask": fc.constantFrom("", "a", "fooBar,b.cD"),
  "google.protobuf.Any": fc.oneof(
    fc.constant({}),
    fc.constant({ "@type": "type.googleapis.com/google.protobuf.Empty" }),
    text.map((message) => ({ "@type": "type.googleapis.com/google.rpc.Status", code: 3, message })),
    anyObject.map((value) => ({ "@type": "type.googleapis.com/google.protobuf.Struct", value })),
  ),
  "k8s.io.apimachinery.pkg.apis.meta.v1.Time": instant.map((date) => date.toISOString()),
  "k8s.io.apimachinery.pkg.api.resource.Quantity": fc.constantFrom("500m", "1.5Gi", "2", 3),
  "k8s.io.apimachinery.pkg.util.intstr.IntOrString": fc.oneof(fc.integer(), word),
};

const built: Map<DescMessage, fc.Arbitrary<JsonValue>>[] = [];

function message(desc: DescMessage, level: number): fc.Arbitrary<JsonValue> {
  const known = (built[level] ??= new Map());
  let arbitrary = known.get(desc);
  if (arbitrary === undefined) known.set(desc, (arbitrary = build(desc, level)));
  return arbitrary;
}

function build(desc: DescMessage, level: number): fc.Arbitrary<JsonValue> {
  const own = special[desc.typeName];
  if (own !== undefined) return own;
  if (isWrapperDesc(desc)) return scalar(desc.fields[0].scalar);
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const field of desc.fields) {
    if (level > MAX_LEVELS && field.message !== undefined) continue;
    model[field.name] = fc.tuple(fc.boolean(), fieldValue(field, level));
  }
  const record = fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Record<string, [boolean, JsonValue]>>;
  return record.map((fields) => spell(desc, fields));
}

/** Names each field in one of its two ways, and keeps one member of each oneof. */
function spell(desc: DescMessage, fields: Readonly<Record<string, [boolean, JsonValue]>>): JsonObject {
  const json: JsonObject = {};
  const taken = new Set<string>();
  for (const [name, [camel, value]] of Object.entries(fields)) {
    const field = desc.fields.find((each) => each.name === name)!;
    if (field.oneof !== undefined && taken.has(field.oneof.name)) continue;
    if (field.oneof !== undefined) taken.add(field.oneof.name);
    if (isInlined(field)) Object.assign(json, value);
    else json[camel ? field.jsonName : name] = value;
  }
  return json;
}

function fieldValue(field: DescField, level: number): fc.Arbitrary<JsonValue> {
  const single = (): fc.Arbitrary<JsonValue> => {
    if (field.message !== undefined) return message(field.message, level + 1);
    if (field.enum === undefined) return scalar(field.scalar);
    return fc.oneof(fc.constantFrom(...field.enum.values.flatMap(({ name, number }) => [name, number])), fc.integer());
  };
  if (field.fieldKind === "list") return fc.array(single(), { maxLength: 3 });
  if (field.fieldKind !== "map") return single();
  return sortedMap(single(), field.mapKey === ScalarType.STRING ? word : fc.nat(99).map(String));
}

/** What protobuf-es has to be given where Kubernetes has a JSON form of its own. */
function forLibrary(desc: DescMessage, json: JsonValue): JsonValue {
  switch (desc.typeName) {
    case "k8s.io.apimachinery.pkg.apis.meta.v1.Time": {
      const millis = Date.parse(json as string);
      const whole = Math.floor(millis / 1000);
      return {
        ...(whole !== 0 && { seconds: String(whole) }),
        ...(millis % 1000 !== 0 && { nanos: (millis - whole * 1000) * 1e6 }),
      };
    }
    case "k8s.io.apimachinery.pkg.api.resource.Quantity":
      return { string: `${json as string | number}` };
    case "k8s.io.apimachinery.pkg.util.intstr.IntOrString":
      return typeof json === "string" ? { type: 1, strVal: json } : { type: 0, intVal: json };
  }
  if (!desc.typeName.startsWith("k8s.io.")) return json;
  const outer = json as JsonObject;
  const result: JsonObject = {};
  for (const field of desc.fields) {
    const value = isInlined(field) ? pick(outer, field.message!) : (outer[field.jsonName] ?? outer[field.name]);
    if (value === undefined) continue;
    result[field.name] =
      field.message === undefined ? value : each(field, value, (item) => forLibrary(field.message, item));
  }
  return result;
}

function pick(json: JsonObject, desc: DescMessage): JsonObject | undefined {
  const names = new Set(desc.fields.flatMap((field) => [field.name, field.jsonName]));
  const own = Object.entries(json).filter(([key]) => names.has(key));
  return own.length === 0 ? undefined : Object.fromEntries(own);
}

function each(field: DescField, value: JsonValue, change: (item: JsonValue) => JsonValue): JsonValue {
  if (field.fieldKind === "list") return (value as JsonValue[]).map(change);
  if (field.fieldKind !== "map") return change(value);
  return Object.fromEntries(Object.entries(value as JsonObject).map(([key, item]) => [key, change(item)]));
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function reachesIntegerKeys(desc: DescMessage, seen = new Set<DescMessage>()): boolean {
  if (seen.has(desc)) return false;
  seen.add(desc);
  return desc.fields.some(
    (field) =>
      (field.fieldKind === "map" && field.mapKey !== ScalarType.STRING) ||
      (field.message !== undefined && reachesIntegerKeys(field.message, seen)),
  );
}

describe.each<ApiGeneration>(["1.3", "current"])("the transcoder of the %s API", (generation) => {
  const registry = registryFor(generation);
  const compiler = new Compiler(registry);
  const messages = [...registry].filter((type) => type.kind === "message");
  const out = new Encoding();

  test("has every message of the registry to prove itself on", () => {
    expect(messages.length).toBeGreaterThan(150);
  });

  test.each(messages.map((desc) => [desc.typeName, desc] as const))("writes %s as protobuf-es does", (_, desc) => {
    const plan = compiler.plan(desc);
    const numericKeys = reachesIntegerKeys(desc);
    fc.assert(
      fc.property(message(desc, 1), (json) => {
        out.bytes.rewind();
        const whole = out.run((walk) => plan.write(walk, json));
        expect({ whole, issues: out.takeIssues() }).toEqual({ whole: true, issues: [] });
        const ours = Uint8Array.from(out.bytes.view());
        const theirs = hex(toBinary(desc, fromJson(desc, forLibrary(desc, json), { registry })));
        expect(hex(toBinary(desc, fromBinary(desc, ours)))).toBe(theirs);
        if (!numericKeys) expect(hex(ours)).toBe(theirs);
      }),
      { numRuns: 15 },
    );
  });
});

describe("two generations in one encoding", () => {
  const shared = [...registryFor("1.3")].filter(
    (type) =>
      type.kind === "message" && type.typeName.startsWith("istio.") && registryFor("current").getMessage(type.typeName),
  );

  test("have messages in common", () => {
    expect(shared.length).toBeGreaterThan(60);
  });

  test.each(shared.map(({ typeName }) => typeName))("encode %s as each does alone", (name) => {
    const from = (generation: ApiGeneration) => message(registryFor(generation).getMessage(name)!, 1);
    const check = fc.property(fc.oneof(from("1.3"), from("current")), (json) => {
      const alone = (generation: ApiGeneration) => encodeBody({ message: name, generations: [generation] }, json);
      const pair = encodeBody({ message: name, generations: ["1.3", "current"] }, json);
      const legacy = alone("1.3").legacy;
      const current = alone("current").current;
      // Together they may refuse what one alone takes, but never give other bytes.
      if (pair.legacy !== undefined) expect(pair.legacy).toEqual(legacy);
      if (pair.current !== undefined) expect(pair.current).toEqual(current);
      if (legacy !== undefined && current !== undefined) {
        expect([pair.legacy, pair.current]).toEqual([legacy, current]);
        expect(pair.legacy === pair.current).toBe(Buffer.compare(legacy, current) === 0);
      }
    });
    fc.assert(check, { numRuns: 8 });
  });
});
