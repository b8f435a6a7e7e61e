import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Configuration, responseBytes } from "./configuration.ts";
import { readFolder } from "./read-folder.ts";
import { readGalley } from "./read-galley.ts";
import { registry } from "./testing/examine-text.ts";
import { quietWorld } from "../status/testing/world.ts";
import { serveWorld } from "../status/testing/serve-world.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "galley-doctor-"));
  await writeFile(
    join(folder, "a.yaml"),
    `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: x, labels: {istio.io/rev: canary}}
spec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: b}
spec: {}
---
apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRole
metadata: {name: c}
spec: {}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {namespace: x}
`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

const kindsOf = ({ kinds }: Configuration): readonly string[] =>
  kinds.map(({ spec, count }) => `${spec.kind} ${count}`);

describe("a folder", () => {
  test("is measured as it would be served", async () => {
    const found = await readFolder(folder, registry);
    expect(found).toMatchObject({ from: folder, isEstimate: false });
    expect(kindsOf(found)).toEqual(["Gateway 2", "ServiceRole 1"]);
    const [gateway] = found.kinds;
    // One small resource, as the other is held back; the wrapping of both, and the envelope.
    expect(gateway?.bytes).toBeGreaterThan(responseBytes(2, 100));
    expect(gateway?.bytes).toBeLessThan(responseBytes(2, 300));
  });

  test("tells what wouldn't reach istiod, with its place", async () => {
    const found = await readFolder(folder, registry);
    expect([...(found.revisions ?? [])]).toEqual([
      ["canary", { count: 1, example: `Gateway x/a (${join(folder, "a.yaml")}:1)` }],
    ]);
    expect([...found.heldBack]).toEqual([
      ["no-namespace", { count: 1, example: expect.stringContaining(`Gateway b (${join(folder, "a.yaml")}:6): `) }],
    ]);
    expect(found.errors).toMatchObject({ count: 1, example: expect.stringContaining(`${join(folder, "a.yaml")}:1`) });
  });

  test("that isn't there can't be examined", async () => {
    await expect(readFolder(join(folder, "none"), registry)).rejects.toMatchObject({
      code: "GLY_NOT_EXAMINED",
      message: expect.stringContaining("does not exist"),
    });
  });
});

describe("a running Galley", () => {
  const gateways = "istio/networking/v1alpha3/gateways";
  const names = Array.from({ length: 100 }, (_, i) => `x/g${String(i).padStart(3, "0")}`);
  const world = {
    ...quietWorld,
    collections: { [gateways]: ["alone", ...names], "istio/rbac/v1alpha1/serviceroles": ["x/r"] },
    show: (collection: string, name: string) => ({
      collection,
      name,
      labels: {},
      annotations: {},
      body: { selector: { padding: "x".repeat(1000) } },
    }),
  };

  test("is measured by a part of its resources", async () => {
    await using served = await serveWorld(world);
    const found = await readGalley(served.admin, registry);
    expect(found).toMatchObject({ from: `the Galley at ${served.admin}`, isEstimate: true, revisions: undefined });
    expect(kindsOf(found)).toEqual(["Gateway 101", "ServiceRole 1"]);
    expect(found.kinds[0]?.bytes).toBeGreaterThan(101 * 1000);
    expect(found.kinds[0]?.bytes).toBeLessThan(101 * 1400);
  });

  test("that isn't ready can't be examined", async () => {
    await using served = await serveWorld({ ...world, missing: ["the source files is starting"] });
    await expect(readGalley(served.admin, registry)).rejects.toMatchObject({
      code: "GLY_CONNECT",
      message: expect.stringContaining("isn't ready"),
    });
  });
});
