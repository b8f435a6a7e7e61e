/** What istiod asks for first on every stream, and no snapshot of it is ever needed. */
export const MESH_CONFIG_URL = "core/v1alpha1/MeshConfig";

const mixerClient = [
  "config.istio.io/v1alpha2/HTTPAPISpecBinding",
  "config.istio.io/v1alpha2/HTTPAPISpec",
  "config.istio.io/v1alpha2/QuotaSpecBinding",
  "config.istio.io/v1alpha2/QuotaSpec",
];
const networking = [
  "networking.istio.io/v1alpha3/DestinationRule",
  "networking.istio.io/v1alpha3/EnvoyFilter",
  "networking.istio.io/v1alpha3/Gateway",
  "networking.istio.io/v1alpha3/ServiceEntry",
  "networking.istio.io/v1alpha3/Sidecar",
  "networking.istio.io/v1alpha3/VirtualService",
  "networking.istio.io/v1alpha3/WorkloadEntry",
];
const workloadGroup = ["networking.istio.io/v1alpha3/WorkloadGroup"];
const proxyConfig = ["networking.istio.io/v1beta1/ProxyConfig"];
const security = [
  "security.istio.io/v1beta1/AuthorizationPolicy",
  "security.istio.io/v1beta1/PeerAuthentication",
  "security.istio.io/v1beta1/RequestAuthentication",
];
const telemetry = ["telemetry.istio.io/v1alpha1/Telemetry"];
const wasmPlugin = ["extensions.istio.io/v1alpha1/WasmPlugin"];

/**
 * Type URLs of the kinds that istiod asks for, MeshConfig left out, by the first minor release that asks so. Read from the
 * `Pilot` collections of istio/istio; each list holds up to the next one.
 */
export const kindsFrom7: readonly string[] = [...mixerClient, ...networking, ...security];
export const kindsFrom8: readonly string[] = [...networking, ...workloadGroup, ...security];
export const kindsFrom10: readonly string[] = [...kindsFrom8, ...telemetry];
export const kindsFrom12: readonly string[] = [...wasmPlugin, ...kindsFrom10];
export const kindsFrom13: readonly string[] = [
  ...wasmPlugin,
  ...networking,
  ...workloadGroup,
  ...proxyConfig,
  ...security,
  ...telemetry,
];

// From here on in the order of the kinds' names.
export const kindsFrom24: readonly string[] = [
  "security.istio.io/v1/AuthorizationPolicy",
  "networking.istio.io/v1/DestinationRule",
  "networking.istio.io/v1alpha3/EnvoyFilter",
  "networking.istio.io/v1/Gateway",
  "security.istio.io/v1/PeerAuthentication",
  "networking.istio.io/v1beta1/ProxyConfig",
  "security.istio.io/v1/RequestAuthentication",
  "networking.istio.io/v1/ServiceEntry",
  "networking.istio.io/v1/Sidecar",
  "telemetry.istio.io/v1/Telemetry",
  "networking.istio.io/v1/VirtualService",
  "extensions.istio.io/v1alpha1/WasmPlugin",
  "networking.istio.io/v1/WorkloadEntry",
  "networking.istio.io/v1/WorkloadGroup",
];
export const kindsFrom30: readonly string[] = kindsFrom24.toSpliced(
  10,
  0,
  "extensions.istio.io/v1alpha1/TrafficExtension",
);
