import { fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BodySpec } from "./encode-body.ts";
import { type ResourceMetadata, encodeResource } from "./encode-resource.ts";
import { ResourceSchema } from "./gen/istio13/mcp/v1alpha1/resource_pb.ts";
import { Slab } from "./slab.ts";

const gateway: BodySpec = { message: "istio.networking.v1alpha3.Gateway", generations: ["1.3", "current"] };
const rule: BodySpec = { message: "istio.networking.v1alpha3.DestinationRule", generations: ["1.3", "current"] };
const plain: ResourceMetadata = { name: "ns/a", createTime: undefined, labels: {}, annotations: {} };

function encode(spec: BodySpec, metadata: Partial<ResourceMetadata>, body: unknown) {
  const encoded = encodeResource(spec, { ...plain, ...metadata }, body);
  if (!encoded.ok) throw new Error(JSON.stringify(encoded.issues));
  return encoded;
}

test("the bytes are the message that protobuf-es reads and writes", () => {
  const texts = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 150 }), { maxKeys: 4 });
  const metadata = fc.record({
    name: fc.stringMatching(/^[a-z]{1,20}\/[a-z]{1,150}$/),
    createTime: fc.option(fc.record({ seconds: fc.integer(), nanos: fc.nat(999_999_999) }), { nil: undefined }),
    labels: texts,
    annotations: texts,
  });
  const selector = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 300 }), { maxKeys: 3 });
  fc.assert(
    fc.property(metadata, selector, (given, labels) => {
      const { legacy, current, version } = encode(gateway, given, { selector: labels });
      expect(current).toBe(legacy);
      const message = fromBinary(ResourceSchema, legacy!);
      expect(message.metadata).toMatchObject({
        name: given.name,
        version,
        labels: given.labels,
        annotations: given.annotations,
      });
      expect(message.metadata?.createTime).toMatchObject({
        seconds: BigInt(given.createTime?.seconds ?? -62135596800),
        nanos: given.createTime?.nanos ?? 0,
      });
      expect(message.body?.typeUrl).toBe("type.googleapis.com/istio.networking.v1alpha3.Gateway");
      // The library writes maps in the order in which it read them, so equality covers our order too.
      expect(Buffer.from(toBinary(ResourceSchema, message))).toEqual(Buffer.from(legacy!));
    }),
  );
});

test("an empty body has a type and no value, as Go writes it", () => {
  const { legacy } = encode(gateway, {}, null);
  expect(Buffer.from(legacy!).toString("latin1").endsWith("istio.networking.v1alpha3.Gateway")).toBe(true);
});

describe("the version", () => {
  const base = { createTime: { seconds: 1, nanos: 0 }, labels: { a: "1", b: "2" }, annotations: { c: "3" } };
  const version = (metadata: Partial<ResourceMetadata>, body: unknown = { selector: { x: "y" } }) =>
    encode(gateway, metadata, body).version;

  test("is short, printable text", () => {
    expect(version(base)).toMatch(/^[\w-]{22}$/);
  });

  test("is equal for equal content, in whatever order it was written down", () => {
    expect(version({ ...base, labels: { b: "2", a: "1" } }, { selector: { x: "y" }, servers: [] })).toBe(version(base));
  });

  test.each([
    ["name", { ...base, name: "ns/b" }],
    ["creation time", { ...base, createTime: { seconds: 2, nanos: 0 } }],
    ["label", { ...base, labels: { a: "1" } }],
    ["annotation", { ...base, annotations: { c: "4" } }],
    ["place of a text", { ...base, labels: { a: "1" }, annotations: { c: "3", b: "2" } }],
  ])("differs when the %s does", (_, changed) => {
    expect(version(changed)).not.toBe(version(base));
  });

  test("differs when only one generation sees the change", () => {
    const bodies = [
      { host: "a" },
      { host: "a", workloadSelector: {} },
      { host: "a", workloadSelector: { matchLabels: { a: "b" } } },
      { host: "a", trafficPolicy: { loadBalancer: { simple: "LEAST_REQUEST" } } },
      { host: "a", trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } } },
      { host: "a", trafficPolicy: { loadBalancer: { simple: 0 } } },
      // Today's bytes are those of LEAST_REQUEST, but sinks of 1.3 are served.
      { host: "a", trafficPolicy: { loadBalancer: { simple: 5 } } },
    ];
    expect(new Set(bodies.map((body) => encode(rule, {}, body).version)).size).toBe(bodies.length);
  });

  test("is the same in both generations' bytes", () => {
    const { version: said, legacy, current } = encode(rule, {}, { host: "a", workloadSelector: {} });
    expect(legacy).not.toEqual(current);
    for (const bytes of [legacy!, current!]) expect(fromBinary(ResourceSchema, bytes).metadata?.version).toBe(said);
  });
});

describe("what can't be encoded", () => {
  test("in one generation leaves the other's sinks served", () => {
    const body = { trafficPolicy: { loadBalancer: { simple: "LEAST_REQUEST" } } };
    const { legacy, current, version, issues } = encode(rule, {}, body);
    expect(legacy).toBeUndefined();
    expect(fromBinary(ResourceSchema, current!).metadata?.version).toBe(version);
    expect(issues.map(({ code }) => code)).toEqual(["not-in-1.3"]);
  });

  test("in any is a failure that says why, with places in the document", () => {
    const labels = { "istio.io/rev": "\ud800" };
    const encoded = encodeResource(gateway, { ...plain, labels }, { servers: 1 }, ["spec"]);
    expect(encoded.ok).toBe(false);
    expect(encoded.issues.map(({ message }) => message)).toEqual([
      'metadata.labels["istio.io/rev"] holds half of a surrogate pair, which UTF-8 can\'t express',
      "spec.servers must be a list, not 1",
    ]);
  });

  test("because annotations and body are too large together is a failure", () => {
    const annotations = { note: "x".repeat(3 << 20) };
    const encoded = encodeResource(gateway, { ...plain, annotations }, { selector: { a: "y".repeat(2 << 20) } });
    expect(encoded.issues.map(({ code }) => code)).toEqual(["too-large"]);
    expect(encoded.ok).toBe(false);
  });
});

test("bytes stay as they are when later resources are encoded", () => {
  for (const store of [new Slab(), undefined]) {
    const bodies = Array.from({ length: 300 }, (_, i) => ({ selector: { app: `app-${i}`.repeat(i) } }));
    const kept = bodies.map((body) => encodeResource(gateway, plain, body, [], store));
    kept.forEach((encoded, i) => {
      expect(encoded.ok && Buffer.from(encoded.legacy!)).toEqual(Buffer.from(encode(gateway, {}, bodies[i]).legacy!));
    });
  }
});
