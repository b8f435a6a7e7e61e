import { describe, expect, test } from "vitest";
import { messageOf } from "../wire/registry.ts";
import { istioCollections } from "./registry.ts";

const registry = istioCollections();
const names = registry.all.map((spec) => spec.name as string);

describe("the collections", () => {
  test("are the 61 of Istio 1.3 and the 9 that came since", () => {
    expect(registry.all.filter((spec) => spec.mcp === "1.3").length).toBe(61);
    expect(names.filter((name) => registry.get(name)!.mcp === "current")).toEqual([
      "istio/extensions/v1alpha1/trafficextensions",
      "istio/extensions/v1alpha1/wasmplugins",
      "istio/networking/v1alpha3/workloadentries",
      "istio/networking/v1alpha3/workloadgroups",
      "istio/networking/v1beta1/proxyconfigs",
      "istio/security/v1beta1/authorizationpolicies",
      "istio/security/v1beta1/peerauthentications",
      "istio/security/v1beta1/requestauthentications",
      "istio/telemetry/v1alpha1/telemetries",
    ]);
  });

  test("have the names that sinks of 1.3 ask for", () => {
    // What Pilot 1.3 and Mixer 1.3 subscribe to.
    const asked = [
      "istio/networking/v1alpha3/destinationrules",
      "istio/networking/v1alpha3/envoyfilters",
      "istio/networking/v1alpha3/gateways",
      "istio/networking/v1alpha3/serviceentries",
      "istio/networking/v1alpha3/sidecars",
      "istio/networking/v1alpha3/synthetic/serviceentries",
      "istio/networking/v1alpha3/virtualservices",
      "istio/config/v1alpha2/httpapispecs",
      "istio/config/v1alpha2/httpapispecbindings",
      "istio/mixer/v1/config/client/quotaspecs",
      "istio/mixer/v1/config/client/quotaspecbindings",
      "istio/authentication/v1alpha1/policies",
      "istio/authentication/v1alpha1/meshpolicies",
      "istio/rbac/v1alpha1/serviceroles",
      "istio/rbac/v1alpha1/servicerolebindings",
      "istio/rbac/v1alpha1/rbacconfigs",
      "istio/rbac/v1alpha1/clusterrbacconfigs",
      "istio/policy/v1beta1/attributemanifests",
      "istio/policy/v1beta1/handlers",
      "istio/policy/v1beta1/instances",
      "istio/policy/v1beta1/rules",
      "istio/config/v1alpha2/adapters",
      "istio/config/v1alpha2/templates",
      "istio/mesh/v1alpha1/MeshConfig",
    ];
    for (const name of asked) expect(names).toContain(name);
  });

  test("of compiled-in Mixer adapters and templates have their irregular plurals", () => {
    const legacy = names.filter((name) => name.startsWith("istio/config/v1alpha2/legacy/"));
    expect(legacy.length).toBe(31);
    for (const plural of [
      "bypasses",
      "circonuses",
      "cloudwatches",
      "kuberneteses",
      "listentries",
      "logentries",
      "solarwindses",
    ]) {
      expect(legacy).toContain(`istio/config/v1alpha2/legacy/${plural}`);
    }
  });

  test("each have a message in every generation that they are said to be in, the MCP one among them", () => {
    for (const spec of registry.all) {
      expect(spec.generations).toContain(spec.mcp);
      for (const generation of spec.generations) expect(messageOf(generation, spec.message)).toBeDefined();
    }
  });
});

test("a kind is found by its group, in every version that was ever served", () => {
  expect(registry.forKind("networking.istio.io", "Gateway")?.versions).toEqual(["v1", "v1beta1", "v1alpha3"]);
  expect(registry.forKind("networking.istio.io", "ServiceEntry")?.name).toBe(
    "istio/networking/v1alpha3/serviceentries",
  );
  expect(registry.forKind("gateway.networking.k8s.io", "Gateway")).toBeUndefined();
  expect(registry.forKind("", "MeshConfig")).toBeUndefined();
});

test("only the built-in kinds of Kubernetes are left out unless asked for", () => {
  const excluded = registry.all.filter((spec) => spec.excludedByDefault).map((spec) => spec.kind);
  expect(excluded).toEqual(["Endpoints", "Namespace", "Node", "Pod", "Service"]);
  expect(registry.without((spec) => spec.excludedByDefault).all.length).toBe(65);
});

test("what belongs to the whole cluster is known", () => {
  const scoped = registry.all.filter((spec) => spec.clusterScoped).map((spec) => spec.kind);
  expect(scoped).toEqual(["MeshPolicy", "ClusterRbacConfig", "Namespace", "Node"]);
});

test("only generated service entries are published apart from the rest", () => {
  const apart = registry.all
    .filter((spec) => spec.snapshotGroup !== "default")
    .map((spec) => [spec.name, spec.generated]);
  expect(apart).toEqual([["istio/networking/v1alpha3/synthetic/serviceentries", true]]);
});
