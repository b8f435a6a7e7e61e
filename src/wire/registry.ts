import { type DescFile, type DescMessage, type Registry, createRegistry } from "@bufbuild/protobuf";
import {
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import { file_current_extensions_v1alpha1_traffic_extension } from "./gen/current/extensions/v1alpha1/traffic_extension_pb.ts";
import { file_current_mcp_v1alpha1_resource } from "./gen/current/mcp/v1alpha1/resource_pb.ts";
import { file_current_mesh_v1alpha1_config } from "./gen/current/mesh/v1alpha1/config_pb.ts";
import { file_current_mesh_v1alpha1_network } from "./gen/current/mesh/v1alpha1/network_pb.ts";
import { file_current_meta_v1alpha1_status } from "./gen/current/meta/v1alpha1/status_pb.ts";
import { file_current_networking_v1alpha3_envoy_filter } from "./gen/current/networking/v1alpha3/envoy_filter_pb.ts";
import { file_current_networking_v1alpha3_service_entry } from "./gen/current/networking/v1alpha3/service_entry_pb.ts";
import { file_current_security_v1beta1_authorization_policy } from "./gen/current/security/v1beta1/authorization_policy_pb.ts";
import { file_current_security_v1beta1_peer_authentication } from "./gen/current/security/v1beta1/peer_authentication_pb.ts";
import { file_current_security_v1beta1_request_authentication } from "./gen/current/security/v1beta1/request_authentication_pb.ts";
import { file_current_telemetry_v1alpha1_telemetry } from "./gen/current/telemetry/v1alpha1/telemetry_pb.ts";
import { file_google_rpc_status } from "./gen/google/rpc/status_pb.ts";
import { file_istio13_authentication_v1alpha1_policy } from "./gen/istio13/authentication/v1alpha1/policy_pb.ts";
import { file_istio13_mcp_v1alpha1_mcp } from "./gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { file_istio13_mesh_v1alpha1_config } from "./gen/istio13/mesh/v1alpha1/config_pb.ts";
import { file_istio13_mesh_v1alpha1_network } from "./gen/istio13/mesh/v1alpha1/network_pb.ts";
import { file_istio13_mixer_v1_config_client_client_config } from "./gen/istio13/mixer/v1/config/client/client_config_pb.ts";
import { file_istio13_networking_v1alpha3_envoy_filter } from "./gen/istio13/networking/v1alpha3/envoy_filter_pb.ts";
import { file_istio13_networking_v1alpha3_service_entry } from "./gen/istio13/networking/v1alpha3/service_entry_pb.ts";
import { file_istio13_policy_v1beta1_cfg } from "./gen/istio13/policy/v1beta1/cfg_pb.ts";
import { file_istio13_rbac_v1alpha1_rbac } from "./gen/istio13/rbac/v1alpha1/rbac_pb.ts";
import { file_k8s_io_api_core_v1_generated } from "./gen/k8s.io/api/core/v1/generated_pb.ts";
import { file_k8s_io_api_extensions_v1beta1_generated } from "./gen/k8s.io/api/extensions/v1beta1/generated_pb.ts";

/** The two generations of Istio's API. Their packages share names, so each has a registry of its own. */
export type ApiGeneration = "1.3" | "current";

// Roots only: what they import comes along.
const roots: Readonly<Record<ApiGeneration, readonly DescFile[]>> = {
  "1.3": [
    file_istio13_authentication_v1alpha1_policy,
    file_istio13_mcp_v1alpha1_mcp,
    file_istio13_mesh_v1alpha1_config,
    file_istio13_mesh_v1alpha1_network,
    file_istio13_mixer_v1_config_client_client_config,
    file_istio13_networking_v1alpha3_envoy_filter,
    file_istio13_networking_v1alpha3_service_entry,
    file_istio13_policy_v1beta1_cfg,
    file_istio13_rbac_v1alpha1_rbac,
    file_k8s_io_api_core_v1_generated,
    file_k8s_io_api_extensions_v1beta1_generated,
  ],
  current: [
    file_current_extensions_v1alpha1_traffic_extension,
    file_current_mcp_v1alpha1_resource,
    file_current_mesh_v1alpha1_config,
    file_current_mesh_v1alpha1_network,
    file_current_meta_v1alpha1_status,
    file_current_networking_v1alpha3_envoy_filter,
    file_current_networking_v1alpha3_service_entry,
    file_current_security_v1beta1_authorization_policy,
    file_current_security_v1beta1_peer_authentication,
    file_current_security_v1beta1_request_authentication,
    file_current_telemetry_v1alpha1_telemetry,
  ],
};

const common: readonly DescFile[] = [
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  file_google_rpc_status,
];

const built = new Map<ApiGeneration, Registry>();

/** Every message that a resource of this generation can hold, with the well-known types and `google.rpc.Status`. */
export function registryFor(generation: ApiGeneration): Registry {
  let registry = built.get(generation);
  if (registry === undefined) {
    const files = new Set<DescFile>();
    for (const file of [...roots[generation], ...common]) addWithImports(file, files);
    registry = createRegistry(...files);
    built.set(generation, registry);
  }
  return registry;
}

/** @throws Error when the generation lacks the message: the caller names messages of its own tables only. */
export function messageOf(generation: ApiGeneration, typeName: string): DescMessage {
  const desc = registryFor(generation).getMessage(typeName);
  if (desc === undefined) throw new Error(`the ${generation} API has no message ${typeName}`);
  return desc;
}

function addWithImports(file: DescFile, into: Set<DescFile>): void {
  if (into.has(file)) return;
  into.add(file);
  for (const imported of file.dependencies) addWithImports(imported, into);
}
