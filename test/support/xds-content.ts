import type { JsonObject } from "@bufbuild/protobuf";
import type { Collection, ResourceName } from "../../src/model/names.ts";
import { makeResource } from "../../src/model/make-resource.ts";
import { istioCollections } from "../../src/model/registry.ts";
import type { Resource } from "../../src/model/resource.ts";
import { parseTimestamp } from "../../src/wire/transcode/timestamp.ts";

/** The type URLs that most tests ask for. */
export const ENTRIES = "networking.istio.io/v1/ServiceEntry";
export const RULES = "networking.istio.io/v1/DestinationRule";

/** Every kind that an istiod has ever asked for, and a body that is fine for each. */
const bodies: Readonly<Record<string, JsonObject>> = {
  AuthorizationPolicy: { rules: [{ to: [{ operation: { methods: ["GET"] } }] }] },
  DestinationRule: { host: "reviews.shop.svc.cluster.local" },
  EnvoyFilter: { workloadSelector: { labels: { app: "edge" } } },
  Gateway: { servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: ["*"] }] },
  PeerAuthentication: { mtls: { mode: "STRICT" } },
  ProxyConfig: { concurrency: 2 },
  RequestAuthentication: { jwtRules: [{ issuer: "https://issuer.example" }] },
  ServiceEntry: {
    hosts: ["a.example.com"],
    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    resolution: "DNS",
  },
  Sidecar: { egress: [{ hosts: ["./*"] }] },
  Telemetry: { accessLogging: [{ providers: [{ name: "envoy" }] }] },
  TrafficExtension: { lua: { inlineCode: "-- nothing" } },
  VirtualService: { hosts: ["reviews"], http: [{ route: [{ destination: { host: "reviews" } }] }] },
  WasmPlugin: { url: "oci://registry.example/plugin:1", pluginConfig: { a: 1 }, phase: "AUTHN" },
  WorkloadEntry: { address: "10.0.0.1", labels: { app: "vm" } },
  WorkloadGroup: { template: { serviceAccount: "default" } },
};

export interface ResourceOptions {
  readonly body?: JsonObject;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  /** RFC 3339. */
  readonly createdAt?: string;
}

const registry = istioCollections();

/** The collection that a kind feeds. */
export function collectionOf(kind: string): Collection {
  const spec = registry.all.find(
    (spec) => spec.kind === kind && spec.generations.includes("current") && !spec.generated,
  );
  if (spec === undefined) throw new Error(`no collection for ${kind}`);
  return spec.name;
}

/** A resource as the file source makes it, with a body that is fine for its kind unless another is given. */
export function resource(kind: string, name: string, options: ResourceOptions = {}): Resource {
  const { body = bodies[kind] ?? {}, labels = {}, annotations = {}, createdAt = "2026-01-02T03:04:05Z" } = options;
  const parts = { name: name as ResourceName, labels, annotations, createTime: parseTimestamp(createdAt) };
  const made = makeResource(registry.get(collectionOf(kind))!, parts, body, { describe: () => `${name}.yaml:1` });
  if (!made.ok || made.issues.length > 0) throw new Error(JSON.stringify(made.issues));
  return made.value;
}

/** A resource of each kind, named after it in lower case, in the namespace `mesh`. */
export function oneOfEach(options?: ResourceOptions): readonly Resource[] {
  return Object.keys(bodies).map((kind) => resource(kind, `mesh/${kind.toLowerCase()}`, options));
}

/** A ServiceEntry of one host. */
export function entry(name: string, host: string, options: Omit<ResourceOptions, "body"> = {}): Resource {
  return resource("ServiceEntry", name, { ...options, body: { ...bodies["ServiceEntry"], hosts: [host] } });
}

/** What a source says that can't vouch for its bytes: a resource whose bytes are these. */
export function spoiled(good: Resource, bytes: Uint8Array, version: string): Resource {
  return { ...good, current: bytes, legacy: bytes, version: version as Resource["version"] };
}
