/**
 * Loads what was not needed to begin, in an order in which each step is short: whoever needs it first later on should not wait
 * for all of it, and meanwhile nobody is served. The descriptors of the API are most of it, so they come in several steps.
 */
export async function loadRest(): Promise<void> {
  for (const step of steps) {
    await step().catch(() => undefined); // whoever needs it has somebody to tell
    await new Promise((resume) => setImmediate(resume));
  }
}

const steps: readonly (() => Promise<unknown>)[] = [
  () => import("@bufbuild/protobuf"),
  () => import("../../wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts"),
  () => import("../../wire/gen/istio13/networking/v1alpha3/service_entry_pb.ts"),
  () => import("../../wire/gen/istio13/networking/v1alpha3/envoy_filter_pb.ts"),
  () => import("../../wire/gen/istio13/mesh/v1alpha1/config_pb.ts"),
  () => import("../../wire/gen/istio13/policy/v1beta1/cfg_pb.ts"),
  () => import("../../wire/gen/istio13/mixer/v1/config/client/client_config_pb.ts"),
  () => import("../../wire/gen/k8s.io/api/core/v1/generated_pb.ts"),
  () => import("../../wire/gen/k8s.io/api/extensions/v1beta1/generated_pb.ts"),
  () => import("../../wire/gen/current/networking/v1alpha3/service_entry_pb.ts"),
  () => import("../../wire/gen/current/networking/v1alpha3/envoy_filter_pb.ts"),
  () => import("../../wire/gen/current/mesh/v1alpha1/config_pb.ts"),
  () => import("../../wire/registry.ts"),
  () => import("../../lib/yaml/parse.ts"),
  () => import("../../model/decode.ts"),
  () => import("../../sources/fs/documents.ts"),
  () => import("../../sources/fs/workers/istio.ts"),
  () => import("../../grpc/health-methods.ts"),
];
