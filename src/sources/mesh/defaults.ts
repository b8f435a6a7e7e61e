/** A mesh configuration as proto3 JSON. */
export type MeshJson = Readonly<Record<string, unknown>>;

/** What Galley 1.3.6 takes for granted where the mesh config file says nothing (docs/spec/mesh-config.md). */
export const meshDefaults: MeshJson = {
  disablePolicyChecks: true,
  proxyListenPort: 15001,
  connectTimeout: "1s",
  protocolDetectionTimeout: "0.1s",
  ingressClass: "istio",
  ingressService: "istio-ingressgateway",
  ingressControllerMode: "STRICT",
  enableTracing: true,
  accessLogFile: "/dev/stdout",
  defaultConfig: {
    configPath: "/etc/istio/proxy",
    binaryPath: "/usr/local/bin/envoy",
    serviceCluster: "istio-proxy",
    drainDuration: "45s",
    parentShutdownDuration: "60s",
    discoveryAddress: "istio-pilot:15010",
    connectTimeout: "1s",
    proxyAdminPort: 15000,
    statNameLength: 189,
    envoyAccessLogService: {},
    envoyMetricsService: {},
  },
  outboundTrafficPolicy: { mode: "ALLOW_ANY" },
  defaultServiceExportTo: ["*"],
  defaultVirtualServiceExportTo: ["*"],
  defaultDestinationRuleExportTo: ["*"],
  rootNamespace: "istio-system",
  dnsRefreshRate: "5s",
};

/**
 * The defaults with what the file says over them. `defaultConfig` is merged field by field, and a zero in it means the
 * default, as in Galley 1.3.6; everything else that the file names replaces the default whole.
 */
export function withDefaults(file: MeshJson): MeshJson {
  const given = camelKeys(file);
  const proxy = camelKeys((given["defaultConfig"] ?? {}) as MeshJson);
  const set = Object.fromEntries(Object.entries(proxy).filter(([, value]) => !isZero(value)));
  return { ...meshDefaults, ...given, defaultConfig: { ...(meshDefaults["defaultConfig"] as MeshJson), ...set } };
}

/** Proto3 JSON takes both spellings of a field; to merge, one is needed. */
function camelKeys(json: MeshJson): MeshJson {
  const camel = (key: string): string => key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [camel(key), value]));
}

function isZero(value: unknown): boolean {
  return value === 0 || value === "" || value === false || value === null;
}
