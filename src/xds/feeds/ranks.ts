/**
 * In which order the types of one snapshot go to a client, so that what refers comes after what it refers to: workloads and
 * services, then what is said of them, then gateways and policies, then routes (docs/spec/xds.md, Order).
 */
const order: readonly (readonly string[])[] = [
  ["MeshConfig", "ProxyConfig"],
  ["ServiceEntry", "WorkloadEntry", "WorkloadGroup"],
  ["DestinationRule"],
  ["Gateway"],
  ["AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"],
  ["EnvoyFilter", "Sidecar", "Telemetry", "TrafficExtension", "WasmPlugin"],
  ["VirtualService"],
];

/** The rank of a kind; kinds that nothing is known of go last. */
export function rankOf(kind: string): number {
  const rank = order.findIndex((kinds) => kinds.includes(kind));
  return rank < 0 ? order.length : rank;
}
