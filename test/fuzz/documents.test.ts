import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CONTENT_HASH_LENGTH } from "../../src/lib/hash.ts";
import { decodeDocument } from "../../src/model/decode.ts";
import type { Parsed } from "../../src/model/parsed.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Resource } from "../../src/model/resource.ts";
import { ResourceSchema } from "../../src/wire/gen/istio13/mcp/v1alpha1/resource_pb.ts";
import { keptTexts } from "./corpus.ts";
import { fuzzing, patience } from "./fuzzing.ts";
import { type Json, spoiledJson } from "./spoiled-json.ts";

const registry = istioCollections();
const origin = { describe: (): string => "fuzz" };
const kept = keptTexts("documents").map(({ name, input }) => ({ name, document: JSON.parse(input) as Json }));

/** More than any document is told of, both generations of the API together. */
const MANY_ISSUES = 500;

/** What must hold of any document. Returns the verdict. */
function check(document: Json): Parsed<Resource | undefined> {
  const parsed = decodeDocument(freeze(document), registry, origin);
  expect(parsed.issues.length).toBeLessThan(MANY_ISSUES);
  for (const { message, code } of parsed.issues) {
    expect(code).toMatch(/^[a-z][a-z0-9.-]*$/);
    expect(message.length > 0 && message.length < 2000).toBe(true);
  }
  if (!parsed.ok) expect(parsed.issues.some(({ severity }) => severity === "error")).toBe(true);
  else if (parsed.value !== undefined) checkResource(parsed.value);
  return parsed;
}

function checkResource({ name, version, collection, legacy, current }: Resource): void {
  expect(registry.get(collection)).toBeDefined();
  expect(version.length).toBe(CONTENT_HASH_LENGTH);
  expect(legacy ?? current).toBeDefined();
  for (const bytes of [legacy, current]) {
    if (bytes === undefined) continue;
    const { metadata, body } = fromBinary(ResourceSchema, bytes);
    expect([metadata?.name, metadata?.version]).toEqual([name, version]);
    expect(body?.typeUrl).toBe(`type.googleapis.com/${registry.get(collection)!.message}`);
  }
}

/** A decoder that writes into its input would be found out. */
function freeze(json: Json): Json {
  if (typeof json === "object" && json !== null) Object.values(Object.freeze(json)).forEach(freeze);
  return json;
}

/** The same document with the keys of every object in the opposite order. */
function reordered(json: Json): Json {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(reordered);
  const members = Object.entries(json).map(([key, value]) => [key, reordered(value)] as const);
  return Object.fromEntries(members.reverse());
}

const spoiled = spoiledJson(kept.map(({ document }) => document));

test("any document gets a verdict: a resource whose bytes say what it is, nothing, or errors", patience, () => {
  fc.assert(
    fc.property(spoiled, (document) => void check(document)),
    fuzzing(4000),
  );
});

test("the order of keys changes neither the verdict nor the version", patience, () => {
  fc.assert(
    fc.property(spoiled, (document) => {
      const [one, other] = [check(document), check(reordered(document))];
      expect(other.ok).toBe(one.ok);
      if (one.ok && other.ok) expect(other.value?.version).toBe(one.value?.version);
    }),
    fuzzing(2000),
  );
});

test.each(kept)("kept: $name", ({ document }) => {
  const parsed = check(document);
  const issues = parsed.issues.map(({ severity, code }) => `${severity} ${code}`);
  const resource = parsed.ok ? (parsed.value?.name ?? "ignored") : "refused";
  expect({ resource, issues }).toMatchSnapshot();
});
