import fc from "fast-check";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const oddScalars: readonly Json[] = [null, true, 0, -0, 1e308, -1, 2 ** 32, Number.MAX_SAFE_INTEGER, "", " ", "0"];
const oddTexts: readonly Json[] = ["1e400", "NaN", "\ud800", "a/b/c", "-5s", "315576000001s", "====", "x".repeat(5000)];
const oddTimes: readonly Json[] = ["2019-02-30T00:00:00Z", "9999-12-31T23:59:59.9999999999Z"];
const oddObjects: readonly Json[] = [[], {}, [[]], [null], { "": null }, { "@type": "type.googleapis.com/x.Y" }];
const odd: fc.Arbitrary<Json> = fc.constantFrom(...oddScalars, ...oddTexts, ...oddTimes, ...oddObjects);
const junk = fc.oneof(odd, fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>);

/** What is done at a place in a document; places are taken modulo what there is. */
interface Spoiling {
  readonly place: number;
  readonly how: "replace" | "delete" | "wrap" | "rename" | "transplant";
  readonly junk: Json;
  readonly key: string;
  readonly from: number;
}

const keys = ["", "__proto__", "constructor", "name", "metadata", "spec", "kind", "@type", "value", "x"];

const spoiling: fc.Arbitrary<Spoiling> = fc.record({
  place: fc.nat(),
  how: fc.constantFrom(
    "replace" as const,
    "delete" as const,
    "wrap" as const,
    "rename" as const,
    "transplant" as const,
  ),
  junk,
  key: fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 5 })),
  from: fc.nat(),
});

/** Documents in which some values are wrong, missing, nested too deep, or somebody else's; and some that are nothing but junk. */
export function spoiledJson(from: readonly Json[]): fc.Arbitrary<Json> {
  const spoiled = fc
    .tuple(fc.constantFrom(...from), fc.array(spoiling, { maxLength: 5 }))
    .map(([json, list]) => list.reduce(spoil, json));
  return fc.oneof({ weight: 9, arbitrary: spoiled }, { weight: 1, arbitrary: junk });
}

function spoil(json: Json, { place, how, junk: odds, key, from }: Spoiling): Json {
  const all = places(json, []);
  const path = all[place % all.length]!;
  const there = at(json, path);
  if (how === "replace") return put(json, path, odds);
  if (how === "delete") return put(json, path, undefined);
  if (how === "wrap") return put(json, path, from % 2 === 0 ? [there] : { [key]: there });
  if (how === "transplant") return put(json, path, at(json, all[from % all.length]!));
  return put(put(json, path, undefined), [...path.slice(0, -1), key], there);
}

type Path = readonly (string | number)[];

function places(json: Json, path: Path): Path[] {
  const below = isObject(json) ? Object.keys(json).flatMap((key) => places(json[key]!, [...path, key])) : [];
  return [path, ...below];
}

function at(json: Json, path: Path): Json {
  return path.reduce<Json>((value, key) => (isObject(value) ? value[key]! : value), json);
}

/** The document with another value at the path, or without it. */
function put(json: Json, [key, ...rest]: Path, value: Json | undefined): Json {
  if (key === undefined) return value ?? null;
  if (!isObject(json)) return json;
  const inner = rest.length === 0 ? value : put(json[key] ?? null, rest, value);
  const members = Object.entries(json).filter(([name]) => name !== String(key));
  if (inner !== undefined) members.push([String(key), inner]);
  return Array.isArray(json) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

function isObject(json: Json): json is { readonly [key: string]: Json } {
  return typeof json === "object" && json !== null;
}
