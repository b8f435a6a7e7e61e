import { describe, expect, test } from "vitest";
import { istioCollections } from "../model/registry.ts";
import { releases } from "./releases.ts";
import { readTypeUrl } from "./type-url.ts";

const registry = istioCollections();

describe("a type URL", () => {
  test.each(releases.filter(({ from }) => from >= 9).map((release) => [release.name, release.typeUrls] as const))(
    "that istiod %s asks for means a collection",
    (_, typeUrls) => {
      expect(typeUrls.length).toBeGreaterThan(10);
      for (const typeUrl of typeUrls) {
        expect(readTypeUrl(typeUrl, registry)).toMatchObject({
          kind: "resources",
          spec: { kind: typeUrl.split("/")[2] },
        });
      }
    },
  );

  test("of a version that the kind does not have yet means the kind all the same", () => {
    expect(readTypeUrl("networking.istio.io/v2beta1/EnvoyFilter", registry)).toMatchObject({
      spec: { name: "istio/networking/v1alpha3/envoyfilters" },
    });
  });

  test("of the mesh configuration means its bare message", () => {
    expect(readTypeUrl("core/v1alpha1/MeshConfig", registry)).toMatchObject({ kind: "mesh-config" });
  });

  test.each([
    "",
    "/",
    "//",
    "networking.istio.io/v1",
    "networking.istio.io/v1/Gateway/more",
    "networking.istio.io/one/Gateway",
    "networking.istio.io/v1/gateway",
    "gateway.networking.k8s.io/v1/Gateway",
    "rbac.istio.io/v1alpha1/ServiceRole",
    "type.googleapis.com/networking.istio.io/v1/Gateway",
    "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    "core/v1/Service",
    "networking.istio.io/v1/constructor",
  ])("like %j means nothing that is served", (typeUrl) => {
    expect(readTypeUrl(typeUrl, registry)).toEqual({ kind: "unknown" });
  });
});
