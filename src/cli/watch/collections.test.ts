import { expect, test } from "vitest";
import { istioCollections } from "../../model/registry.ts";
import { defaultCollections, findCollections } from "./collections.ts";
import { findTypes } from "./types.ts";

const registry = istioCollections();

test.each([
  ["istio/networking/v1alpha3/gateways", "istio/networking/v1alpha3/gateways"],
  ["gateways", "istio/networking/v1alpha3/gateways"],
  ["v1alpha3/gateways", "istio/networking/v1alpha3/gateways"],
  ["VirtualService", "istio/networking/v1alpha3/virtualservices"],
  ["virtualservice", "istio/networking/v1alpha3/virtualservices"],
  ["meshconfig", "istio/mesh/v1alpha1/MeshConfig"],
  ["serviceentries", "istio/networking/v1alpha3/serviceentries"],
  ["vs", "istio/networking/v1alpha3/virtualservices"],
  ["GW", "istio/networking/v1alpha3/gateways"],
  ["se", "istio/networking/v1alpha3/serviceentries"],
])("%s means %s", (word, collection) => {
  expect(findCollections(word, registry)).toEqual({ ok: true, names: [collection] });
});

test("a prefix that ends in a slash means all collections under it", () => {
  const meant = findCollections("istio/rbac/", registry);
  expect(meant.ok && meant.names).toHaveLength(4);
});

test("a word that means nothing, or several things, says so", () => {
  expect(findCollections("gatways", registry)).toEqual({ ok: false, candidates: [] });
  const ambiguous = findCollections("rbacs", registry);
  expect(ambiguous).toEqual({ ok: true, names: ["istio/config/v1alpha2/legacy/rbacs"] });
  expect(findCollections("nothing/", registry)).toEqual({ ok: false, candidates: [] });
  expect(findCollections("", registry)).toEqual({ ok: false, candidates: [] });
});

test("a full name that this release does not know is passed on: the server may know it", () => {
  expect(findCollections("istio/future/v9/things", registry)).toEqual({ ok: true, names: ["istio/future/v9/things"] });
});

test("every short name means one collection, over MCP and over xDS as far as that has it", () => {
  for (const word of ["ap", "dr", "gw", "pa", "ra", "se", "vs", "we", "wg", "ep", "ing", "no", "ns", "po", "svc"]) {
    expect([word, findCollections(word, registry)]).toEqual([word, { ok: true, names: [expect.any(String)] }]);
  }
  expect(findTypes("pa", registry)).toEqual({ ok: true, names: ["security.istio.io/v1/PeerAuthentication"] });
});

test("without a name it is everything that a server answers by default", () => {
  const names = defaultCollections(registry);
  expect(names).toContain("istio/mesh/v1alpha1/MeshConfig");
  expect(names).not.toContain("k8s/core/v1/pods");
  expect(names).not.toContain("istio/networking/v1alpha3/synthetic/serviceentries");
});
