import { describe, expect, test } from "vitest";
import { encodeBody } from "../encode-body.ts";
import { MAX_DEPTH, MAX_ISSUES, MAX_RESOURCE_BYTES } from "./limits.ts";

const struct = { message: "google.protobuf.Struct", generations: ["1.3"] } as const;
const virtualService = {
  message: "istio.networking.v1alpha3.VirtualService",
  generations: ["1.3", "current"],
} as const;

function nested(levels: number): unknown {
  let value: unknown = {};
  for (let i = 1; i < levels; i++) value = { a: value };
  return value;
}

function codes(spec: { message: string; generations: readonly ("1.3" | "current")[] }, body: unknown): string[] {
  const { legacy, current, issues } = encodeBody(spec, body);
  expect(legacy === undefined && current === undefined).toBe(issues.some(({ severity }) => severity === "error"));
  return issues.map(({ code }) => code);
}

describe("a document that unfolds without end", () => {
  test("is refused when aliases multiply objects", () => {
    let bomb: Record<string, unknown> = { leaf: 1 };
    for (let level = 0; level < 20; level++)
      bomb = Object.fromEntries("abcdefghij".split("").map((key) => [key, bomb]));
    expect(codes(struct, bomb)).toEqual(["too-large"]);
  });

  test("is refused when aliases multiply list items of a message", () => {
    const match = Array.from({ length: 2000 }, () => ({ uri: { exact: "/" } }));
    const http = Array.from({ length: 2000 }, () => ({ match }));
    expect(codes(virtualService, { hosts: ["a"], http })).toEqual(["too-large"]);
  });

  test("is refused when aliases multiply a long text", () => {
    const long = "x".repeat(1 << 20);
    expect(codes(struct, { list: [long, long, long, long, long] })).toEqual(["too-large"]);
  });

  test("is refused when an alias holds itself", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(codes(struct, cycle)).toEqual(["too-deep"]);
    const list: unknown[] = [];
    list.push(list);
    expect(codes(struct, { list })).toEqual(["too-deep"]);
  });

  test("leaves nothing behind that would change the next document", () => {
    const clean = encodeBody(struct, { a: "b" });
    codes(struct, nested(10_000));
    codes(struct, { list: Array.from({ length: 600_000 }, () => 1) });
    expect(encodeBody(struct, { a: "b" })).toEqual(clean);
  });
});

test("nesting is taken to the last level allowed, and refused one deeper", () => {
  expect(codes(struct, nested(MAX_DEPTH))).toEqual([]);
  expect(codes(struct, nested(MAX_DEPTH + 1))).toEqual(["too-deep"]);
});

test("a body is taken to the last byte allowed, and refused one longer", () => {
  // Around the text: tag and length of the entry, tag and length and letter of the key, tag and length of the value…
  const around = encodeBody(struct, { k: "x".repeat(3 << 20) }).legacy!.length - (3 << 20);
  const longest = MAX_RESOURCE_BYTES - around;
  expect(encodeBody(struct, { k: "x".repeat(longest) }).legacy!.length).toBe(MAX_RESOURCE_BYTES);
  expect(codes(struct, { k: "x".repeat(longest + 1) })).toEqual(["too-large"]);
});

test("the bound holds for each generation by itself", () => {
  const rule = { message: "istio.networking.v1alpha3.DestinationRule", generations: ["1.3", "current"] } as const;
  const body = { host: "x".repeat(3 << 20), workloadSelector: {} };
  const { legacy, current } = encodeBody(rule, body);
  expect([legacy!.length > 3 << 20, current!.length > legacy!.length]).toEqual([true, true]);
});

test("issues are listed up to a bound, errors apart from warnings, and the rest is counted", () => {
  const body: Record<string, unknown> = {};
  for (let i = 0; i < MAX_ISSUES + 20; i++) body[`unknown${i}`] = i;
  const { issues } = encodeBody(virtualService, { ...body, hosts: "not a list" });
  expect(issues.filter(({ code }) => code === "unknown-field").length).toBe(MAX_ISSUES);
  expect(issues.filter(({ severity }) => severity === "error").map(({ code }) => code)).toEqual(["wrong-type"]);
  expect(issues.at(-1)?.message ?? "").toMatch(/20 more issues/);
});
