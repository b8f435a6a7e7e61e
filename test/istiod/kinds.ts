/** One kind that istiod asks for. */
export interface Kind {
  /** Such as `ServiceEntry`. */
  readonly kind: string;
  /** The type URL under which it is asked for, and under which alone an answer counts. */
  readonly url: string;
  /** Full name of the body's message, which stayed when the URL moved on. */
  readonly message: string;
}

export const MESH_CONFIG_URL = "core/v1alpha1/MeshConfig";

interface Row {
  readonly group: string;
  readonly kind: string;
  readonly message: string;
  /** Version in the URL before 1.24. */
  readonly early: string;
  /** Version in the URL from 1.24 on. */
  readonly late: string;
  /** First minor release that asks for the kind. */
  readonly since: number;
}

function row(group: string, kind: string, message: string, early: string, late: string = early, since = 0): Row {
  return { group: `${group}.istio.io`, kind, message: `istio.${message}.${kind}`, early, late, since };
}

// In the order in which 1.24 and later ask for them.
const rows: readonly Row[] = [
  row("security", "AuthorizationPolicy", "security.v1beta1", "v1beta1", "v1"),
  row("networking", "DestinationRule", "networking.v1alpha3", "v1alpha3", "v1"),
  row("networking", "EnvoyFilter", "networking.v1alpha3", "v1alpha3"),
  row("networking", "Gateway", "networking.v1alpha3", "v1alpha3", "v1"),
  row("security", "PeerAuthentication", "security.v1beta1", "v1beta1", "v1"),
  row("networking", "ProxyConfig", "networking.v1beta1", "v1beta1", "v1beta1", 13),
  row("security", "RequestAuthentication", "security.v1beta1", "v1beta1", "v1"),
  row("networking", "ServiceEntry", "networking.v1alpha3", "v1alpha3", "v1"),
  row("networking", "Sidecar", "networking.v1alpha3", "v1alpha3", "v1"),
  row("telemetry", "Telemetry", "telemetry.v1alpha1", "v1alpha1", "v1", 10),
  row("extensions", "TrafficExtension", "extensions.v1alpha1", "v1alpha1", "v1alpha1", 30),
  row("networking", "VirtualService", "networking.v1alpha3", "v1alpha3", "v1"),
  row("extensions", "WasmPlugin", "extensions.v1alpha1", "v1alpha1", "v1alpha1", 12),
  row("networking", "WorkloadEntry", "networking.v1alpha3", "v1alpha3", "v1"),
  row("networking", "WorkloadGroup", "networking.v1alpha3", "v1alpha3", "v1"),
];

// Up to 1.23 they were asked for in the order of their API groups and versions.
const earlyOrder = [
  "WasmPlugin",
  "DestinationRule",
  "EnvoyFilter",
  "Gateway",
  "ServiceEntry",
  "Sidecar",
  "VirtualService",
  "WorkloadEntry",
  "WorkloadGroup",
  "ProxyConfig",
  "AuthorizationPolicy",
  "PeerAuthentication",
  "RequestAuthentication",
  "Telemetry",
];

/** What istiod 1.`minor` asks for, in its order. */
export function kindsOf(minor: number): readonly Kind[] {
  const isEarly = minor < 24;
  const kinds = rows
    .filter(({ since }) => minor >= since)
    .map(({ group, kind, message, early, late }) => ({
      kind,
      url: `${group}/${isEarly ? early : late}/${kind}`,
      message,
    }));
  return isEarly ? kinds.sort((a, b) => earlyOrder.indexOf(a.kind) - earlyOrder.indexOf(b.kind)) : kinds;
}
