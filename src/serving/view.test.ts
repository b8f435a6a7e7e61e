import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { clip, kept, type SinkNode } from "./view.ts";

function node(id: string, entries: readonly (readonly [string, string])[]): SinkNode {
  return { id, annotations: new Map(entries) };
}

/** What is in use when all that can be collected has been. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}

const MIB = 1024 * 1024;

test("what Pilot, Mixer and istiod say of themselves is kept as it is", () => {
  const real = [
    node("", []),
    node("default", []),
    node("istio-pilot-6d8bd9c8d-x2x8z.istio-system", [
      ["CLUSTER", "eu"],
      ["note", "x".repeat(1024)],
    ]),
    node("sidecar~10.4.0.9~istiod-1-30-0-5c7d~istio-system.svc.cluster.local", [
      ["ISTIO_REVISION", "canary"],
      ["GENERATOR", "api"],
      ["ISTIO_VERSION", "1.30.0"],
      ["NAMESPACE", "istio-system"],
    ]),
  ];
  for (const each of real) expect(kept(each)).toBe(each);
});

test("of annotations that are many or long those are kept that come first and fit, each cut where it is too long", () => {
  const many = Array.from({ length: 50_000 }, (_, i) => [`k${i}`, "v"] as const);
  expect([...kept(node("n", many)).annotations]).toEqual(many.slice(0, 32));
  const long = Array.from({ length: 20 }, (_, i) => [`k${i}`, "x".repeat(100_000)] as const);
  const { annotations } = kept(node("n".repeat(100_000), [...long, ["short", "text"]]));
  expect([...annotations.keys()]).toEqual(["k0", "k1", "k2", "short"]);
  expect(annotations.get("k0")).toBe(`${"x".repeat(1024)}…`);
});

test("what is kept of large texts doesn't keep them alive", () => {
  const before = heapUsed();
  const nodes: SinkNode[] = [];
  const texts: string[] = [];
  for (let i = 0; i < 100; i++) {
    const large = Buffer.alloc(MIB, "x").toString();
    nodes.push(kept(node(large, [[large, large]])));
    texts.push(clip(large));
  }
  expect(heapUsed() - before).toBeLessThan(10 * MIB);
  expect([nodes.length, texts[0]?.length]).toEqual([100, 1025]);
});
