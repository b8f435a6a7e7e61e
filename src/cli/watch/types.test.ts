import { expect, test } from "vitest";
import { istioCollections } from "../../model/registry.ts";
import { defaultTypes, findTypes, kindOfType, kindsOverXds } from "./types.ts";

const registry = istioCollections();

test.each([
  ["VirtualService", "networking.istio.io/v1/VirtualService"],
  ["virtualservices", "networking.istio.io/v1/VirtualService"],
  ["gateway", "networking.istio.io/v1/Gateway"],
  ["EnvoyFilter", "networking.istio.io/v1alpha3/EnvoyFilter"],
  ["istio/networking/v1alpha3/virtualservices", "networking.istio.io/v1/VirtualService"],
  ["meshconfig", "core/v1alpha1/MeshConfig"],
  ["core/v1alpha1/MeshConfig", "core/v1alpha1/MeshConfig"],
  ["networking.istio.io/v1beta1/VirtualService", "networking.istio.io/v1beta1/VirtualService"],
  ["example.com/v9/Unheard-of", "example.com/v9/Unheard-of"],
  ["type.googleapis.com/envoy.config.cluster.v3.Cluster", "type.googleapis.com/envoy.config.cluster.v3.Cluster"],
])("%s means %s", (word, typeUrl) => {
  expect(findTypes(word, registry)).toEqual({ ok: true, names: [typeUrl] });
});

test("a prefix of collections means the kinds that are served over xDS", () => {
  const meant = findTypes("istio/security/", registry);
  expect(meant.ok && [...meant.names].sort()).toEqual([
    "security.istio.io/v1/AuthorizationPolicy",
    "security.istio.io/v1/PeerAuthentication",
    "security.istio.io/v1/RequestAuthentication",
  ]);
});

test.each(["gatway", "istio/rbac/", "rbacs", "nothing/", ""])("%j means nothing", (word) => {
  expect(findTypes(word, registry)).toEqual({ ok: false, candidates: [] });
});

test("without a name it is what istiod asks for, and every kind of it can be named", () => {
  expect(defaultTypes).toHaveLength(16);
  const kinds = kindsOverXds(registry);
  for (const url of defaultTypes) {
    const kind = url.slice(url.lastIndexOf("/") + 1);
    expect(findTypes(kind, registry)).toEqual({ ok: true, names: [url] });
    expect(kinds).toContain(kind);
  }
});

test("documents begin as the type URL says, or as the body does where that is no kind", () => {
  expect(kindOfType("security.istio.io/v1/PeerAuthentication", "type.googleapis.com/a.B")).toEqual({
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
  });
  const url = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  expect(kindOfType(url, url)).toEqual({ apiVersion: "v1", kind: "Cluster" });
});
