import { describe, expect, it } from "vitest";
import { decodeDocument } from "../../model/decode.ts";
import { istioCollections } from "../../model/registry.ts";
import { Follower, quick, TestFolder } from "./testing/harness.ts";
import type { Decode } from "./options.ts";
import { createFileSource } from "./source.ts";

const known = istioCollections();
const served = known.without((spec) => spec.excludedByDefault);
const decode: Decode = (doc, origin, store) => decodeDocument(doc, served, origin, { known, store });

const gateway = (port: string): string => `apiVersion: networking.istio.io/v1alpha3
kind: Gateway
metadata:
  name: gw
  namespace: web
spec:
  servers:
  - hosts: ["*"]
    port:
      number: ${port}
      name: http
      protocol: HTTP
`;

const entry = `apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata:
  name: entry
spec:
  hosts: [example.com]
`;

async function following(text: string) {
  const folder = await TestFolder.create({ "a.yaml": text });
  const follower = await Follower.synced(createFileSource({ root: folder.root, decode, timings: quick }));
  return {
    folder,
    follower,
    async [Symbol.asyncDispose]() {
      await follower[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const GATEWAY = "istio/networking/v1alpha3/gateways:web/gw";

describe("with the real decoder", () => {
  it("what one generation of sinks is not sent, the others are, and the problem says so", async () => {
    const rule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: a}\nspec: ";
    await using test = await following(`${rule}{host: a, trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}}\n`);
    const { message, action } = test.follower.problem("not-in-1.3");
    expect(`${message}; ${action}`).toMatch(/its sinks are not sent this resource; other sinks are$/);
  });

  it("manifests become resources with bytes, place and version", async () => {
    await using test = await following(`${gateway("80")}---\n${entry}`);
    const { resources } = test.follower;
    expect([...resources.keys()].toSorted()).toEqual([GATEWAY, "istio/networking/v1alpha3/serviceentries:entry"]);
    expect(resources.get(GATEWAY)!.legacy!.length).toBeGreaterThan(20);
    expect(test.follower.origin(GATEWAY)).toBe("a.yaml:1");
    const before = resources.get(GATEWAY)!.version;
    await test.folder.write("a.yaml", gateway("81"));
    await test.follower.until(() => resources.size === 1 && resources.get(GATEWAY)!.version !== before);
  });

  it("a value of the wrong type keeps the last good version, and is located", async () => {
    await using test = await following(gateway("80"));
    const { follower, folder } = test;
    await folder.write("a.yaml", `# a comment\n${gateway("eighty")}`);
    await follower.until(() => follower.problems.length === 1);
    expect(follower.problems).toEqual(["wrong-type a.yaml:11:7"]);
    expect(follower.problem("wrong-type")).toMatchObject({
      subject: "Gateway web/gw",
      action: "the last good version stays in service",
    });
    expect(follower.resources.has(GATEWAY)).toBe(true);
  });

  it("an unknown field is a warning, an unknown kind too, an excluded kind is nothing", async () => {
    const odd = `${entry}  colour: red\n`;
    const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n";
    const service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n";
    await using test = await following([odd, deployment, service].join("---\n"));
    expect(test.follower.problems).toEqual(["unknown-field a.yaml:7:3", "unknown-kind a.yaml:10:1"]);
    expect(test.follower.resources.size).toBe(1);
  });

  it("a mistyped kind or group keeps the last good version", async () => {
    await using test = await following(gateway("80"));
    const { follower, folder } = test;
    await folder.write("a.yaml", gateway("80").replace("kind: Gateway", "kind: Gatewya"));
    await follower.until(() => follower.problems.length === 1);
    expect(follower.problem("unknown-kind").action).toBe("the last good version stays in service");
    await folder.write("a.yaml", gateway("80").replace("networking.istio.io", "networking.istio.oi"));
    await follower.until(() => follower.problems.includes("unknown-kind a.yaml:2:1"));
    expect(follower.resources.has(GATEWAY)).toBe(true);
  });

  it("large integers survive the way through YAML", async () => {
    await using test = await following(
      "apiVersion: config.istio.io/v1alpha2\nkind: QuotaSpec\nmetadata: {name: q}\nspec:\n  rules:\n  - quotas:\n    - {quota: q, charge: 9007199254740993}\n",
    );
    expect(test.follower.problems).toEqual([]);
    const [resource] = test.follower.resources.values();
    // The varint of 2^53 + 1.
    expect(Buffer.from(resource!.legacy!).toString("hex")).toContain("8180808080808010");
  });
});
