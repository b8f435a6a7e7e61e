import { expect, test } from "vitest";

import { collectionMetric } from "./collection-gauges.ts";

test.each([
  ["istio/networking/v1alpha3/virtualservices", "galley_istio_networking_virtualservices", "v1alpha3"],
  ["istio/mixer/v1/config/client/quotaspecs", "galley_istio_mixer_config_client_quotaspecs", "v1"],
  ["istio/config/v1alpha2/legacy/deniers", "galley_istio_config_legacy_deniers", "v1alpha2"],
  ["istio/mesh/v1alpha1/MeshConfig", "galley_istio_mesh_MeshConfig", "v1alpha1"],
  ["k8s/core/v1/services", "galley_k8s_core_services", "v1"],
  ["acme.io/net-work/v1/things", "galley_acme_io_net_work_things", "v1"],
])("%s is counted in %s", (collection, name, version) => {
  expect(collectionMetric(collection)).toEqual({ name, version });
});

test.each(["", "gateways", "istio/networking/v1alpha3"])(
  "%j has too few segments for a metric of its own",
  (collection) => {
    expect(collectionMetric(collection)).toBeUndefined();
  },
);

test("a name is cut to a hundred characters", () => {
  expect(collectionMetric(`a/b/v1/${"c".repeat(200)}`)?.name).toHaveLength(100);
});
