import { CollectionRegistry, type CollectionSpec } from "./collections.ts";
import type { Collection } from "./names.ts";
import type { Generation } from "./resource.ts";

/** Every collection that Galley can hold: the 61 of Istio 1.3, and one for each kind that the API has gained since. */
export function istioCollections(): CollectionRegistry {
  return new CollectionRegistry([
    ...kept("networking/v1alpha3", "networking.istio.io", [
      ["DestinationRule", "destinationrules", grownUp],
      ["EnvoyFilter", "envoyfilters", ["v1alpha3"]],
      ["Gateway", "gateways", grownUp],
      ["ServiceEntry", "serviceentries", grownUp],
      ["Sidecar", "sidecars", grownUp],
      ["VirtualService", "virtualservices", grownUp],
    ]),
    ...gained("networking/v1alpha3", "networking.istio.io", [
      ["WorkloadEntry", "workloadentries", grownUp],
      ["WorkloadGroup", "workloadgroups", grownUp],
    ]),
    ...gained("networking/v1beta1", "networking.istio.io", [["ProxyConfig", "proxyconfigs", ["v1beta1"]]]),
    ...gained("security/v1beta1", "security.istio.io", [
      ["AuthorizationPolicy", "authorizationpolicies", ["v1", "v1beta1"]],
      ["PeerAuthentication", "peerauthentications", ["v1", "v1beta1"]],
      ["RequestAuthentication", "requestauthentications", ["v1", "v1beta1"]],
    ]),
    ...gained("telemetry/v1alpha1", "telemetry.istio.io", [["Telemetry", "telemetries", ["v1", "v1alpha1"]]]),
    ...gained("extensions/v1alpha1", "extensions.istio.io", [
      ["TrafficExtension", "trafficextensions", ["v1alpha1"]],
      ["WasmPlugin", "wasmplugins", ["v1alpha1"]],
    ]),
    ...authentication,
    ...rbac,
    ...mixer,
    ...legacyMixerKinds.map((kind) => mixerKind(kind, `istio/config/v1alpha2/legacy/${legacyPlural(kind)}`, struct)),
    ...kubernetes,
    ...generated,
  ]);
}

type Row = Partial<CollectionSpec> & Pick<CollectionSpec, "message">;

function collection(name: string, row: Row): CollectionSpec {
  return {
    name: name as Collection,
    group: "",
    kind: "",
    plural: "",
    versions: [],
    clusterScoped: false,
    generations: ["1.3"],
    mcp: "1.3",
    snapshotGroup: "default",
    excludedByDefault: false,
    generated: false,
    ...row,
  };
}

type Kinds = readonly (readonly [kind: string, plural: string, versions: readonly string[]])[];

const both: readonly Generation[] = ["1.3", "current"];
// Kinds whose API went from alpha to stable: all three versions hold the same messages.
const grownUp = ["v1", "v1beta1", "v1alpha3"];
const struct = "google.protobuf.Struct";

/** Kinds that both generations have, under one package name. */
function kept(path: string, group: string, kinds: Kinds): CollectionSpec[] {
  const message = `istio.${path.replace("/", ".")}`;
  return kinds.map(([kind, plural, versions]) =>
    collection(`istio/${path}/${plural}`, {
      message: `${message}.${kind}`,
      group,
      kind,
      plural,
      versions,
      generations: both,
    }),
  );
}

/** Kinds that came after 1.3. */
function gained(path: string, group: string, kinds: Kinds): CollectionSpec[] {
  return kept(path, group, kinds).map((spec) => ({ ...spec, generations: ["current"], mcp: "current" }));
}

const authentication = [["MeshPolicy", "meshpolicies", true] as const, ["Policy", "policies", false] as const].map(
  ([kind, plural, clusterScoped]) =>
    collection(`istio/authentication/v1alpha1/${plural}`, {
      message: "istio.authentication.v1alpha1.Policy",
      group: "authentication.istio.io",
      kind,
      plural,
      versions: ["v1alpha1"],
      clusterScoped,
    }),
);

const rbac = [
  ["ClusterRbacConfig", "clusterrbacconfigs", "RbacConfig"] as const,
  ["RbacConfig", "rbacconfigs", "RbacConfig"] as const,
  ["ServiceRole", "serviceroles", "ServiceRole"] as const,
  ["ServiceRoleBinding", "servicerolebindings", "ServiceRoleBinding"] as const,
].map(([kind, plural, message]) =>
  collection(`istio/rbac/v1alpha1/${plural}`, {
    message: `istio.rbac.v1alpha1.${message}`,
    group: "rbac.istio.io",
    kind,
    plural,
    versions: ["v1alpha1"],
    clusterScoped: kind === "ClusterRbacConfig",
  }),
);

function mixerKind(kind: string, name: string, message: string): CollectionSpec {
  const plural = name.slice(name.lastIndexOf("/") + 1);
  return collection(name, { message, group: "config.istio.io", kind, plural, versions: ["v1alpha2"] });
}

// The collections of one API group are spread over four folders: names that sinks of 1.3 have compiled in.
const mixer = [
  mixerKind("adapter", "istio/config/v1alpha2/adapters", struct),
  mixerKind("template", "istio/config/v1alpha2/templates", struct),
  mixerKind("HTTPAPISpec", "istio/config/v1alpha2/httpapispecs", "istio.mixer.v1.config.client.HTTPAPISpec"),
  mixerKind(
    "HTTPAPISpecBinding",
    "istio/config/v1alpha2/httpapispecbindings",
    "istio.mixer.v1.config.client.HTTPAPISpecBinding",
  ),
  mixerKind("QuotaSpec", "istio/mixer/v1/config/client/quotaspecs", "istio.mixer.v1.config.client.QuotaSpec"),
  mixerKind(
    "QuotaSpecBinding",
    "istio/mixer/v1/config/client/quotaspecbindings",
    "istio.mixer.v1.config.client.QuotaSpecBinding",
  ),
  mixerKind("attributemanifest", "istio/policy/v1beta1/attributemanifests", "istio.policy.v1beta1.AttributeManifest"),
  mixerKind("handler", "istio/policy/v1beta1/handlers", "istio.policy.v1beta1.Handler"),
  mixerKind("instance", "istio/policy/v1beta1/instances", "istio.policy.v1beta1.Instance"),
  mixerKind("rule", "istio/policy/v1beta1/rules", "istio.policy.v1beta1.Rule"),
];

// One kind for each adapter and template that was once compiled into Mixer.
const legacyMixerKinds = (
  "apikey authorization bypass checknothing circonus cloudwatch denier dogstatsd edge fluentd kubernetes kubernetesenv " +
  "listchecker listentry logentry memquota metric noop opa prometheus quota rbac redisquota reportnothing signalfx " +
  "solarwinds stackdriver statsd stdio tracespan zipkin"
).split(" ");

/** `denier` → `deniers`, `bypass` → `bypasses`, `listentry` → `listentries`. */
function legacyPlural(kind: string): string {
  if (kind.endsWith("ntry")) return `${kind.slice(0, -1)}ies`;
  return /(s|ch)$/.test(kind) ? `${kind}es` : `${kind}s`;
}

// Pods and endpoints are carried whole, everything else as its spec.
const kubernetes = [
  ["Endpoints", "endpoints", "Endpoints"] as const,
  ["Namespace", "namespaces", "NamespaceSpec"] as const,
  ["Node", "nodes", "NodeSpec"] as const,
  ["Pod", "pods", "Pod"] as const,
  ["Service", "services", "ServiceSpec"] as const,
]
  .map(([kind, plural, message]) =>
    collection(`k8s/core/v1/${plural}`, {
      message: `k8s.io.api.core.v1.${message}`,
      kind,
      plural,
      versions: ["v1"],
      clusterScoped: kind === "Namespace" || kind === "Node",
      excludedByDefault: true,
    }),
  )
  .concat(
    collection("k8s/extensions/v1beta1/ingresses", {
      message: "k8s.io.api.extensions.v1beta1.IngressSpec",
      group: "extensions",
      kind: "Ingress",
      plural: "ingresses",
      versions: ["v1beta1"],
    }),
  );

const generated = [
  collection("istio/mesh/v1alpha1/MeshConfig", {
    message: "istio.mesh.v1alpha1.MeshConfig",
    generations: both,
    generated: true,
  }),
  collection("istio/networking/v1alpha3/synthetic/serviceentries", {
    message: "istio.networking.v1alpha3.ServiceEntry",
    group: "networking.istio.io",
    kind: "ServiceEntry",
    plural: "serviceentries",
    versions: grownUp,
    generations: both,
    snapshotGroup: "syntheticServiceEntry",
    generated: true,
  }),
];
