import { describe, expect, test } from "vitest";
import { decodeResource } from "./decode-resource.ts";
import type { CollectionSpec } from "./collections.ts";
import { decodeDocument } from "./decode.ts";
import { istioCollections } from "./registry.ts";
import { type Resource, bytesOf } from "./resource.ts";

// Every kind once, with the parts that are particular to it, there and back again.

const registry = istioCollections();
const selector = { matchLabels: { app: "x" } };
const services = [{ name: "productpage" }];

const bodies: Readonly<Record<string, unknown>> = {
  "networking.istio.io/DestinationRule": {
    host: "reviews",
    trafficPolicy: { loadBalancer: { simple: "RANDOM" }, connectionPool: { tcp: { connectTimeout: "0.030s" } } },
    subsets: [{ name: "v1", labels: { version: "v1" } }],
  },
  "networking.istio.io/EnvoyFilter": {
    configPatches: [
      {
        applyTo: "HTTP_FILTER",
        match: { context: "SIDECAR_INBOUND", listener: { portNumber: 8080 } },
        patch: {
          operation: "INSERT_BEFORE",
          value: { name: "envoy.lua", config: { inlineCode: "-- nothing", n: [1, null] } },
        },
      },
    ],
  },
  "networking.istio.io/Gateway": {
    servers: [
      {
        port: { number: 443, protocol: "HTTPS", name: "https" },
        hosts: ["*"],
        tls: { mode: "SIMPLE", privateKey: "/k" },
      },
    ],
    selector: { istio: "ingressgateway" },
  },
  "networking.istio.io/ServiceEntry": {
    hosts: ["a.example.com"],
    ports: [{ number: 80, protocol: "HTTP", name: "http" }],
    location: "MESH_INTERNAL",
    resolution: "STATIC",
    endpoints: [{ address: "1.2.3.4", ports: { http: 8080 } }],
  },
  "networking.istio.io/Sidecar": { workloadSelector: { labels: { app: "x" } }, egress: [{ hosts: ["./*"] }] },
  "networking.istio.io/VirtualService": {
    hosts: ["reviews"],
    http: [
      {
        match: [{ uri: { prefix: "/a" }, headers: { end: { exact: "jason" } } }],
        route: [{ destination: { host: "reviews", port: { number: 80 } }, weight: 100 }],
        timeout: "5s",
        fault: { delay: { percentage: { value: 0.5 }, fixedDelay: "1.500s" } },
      },
    ],
  },
  "networking.istio.io/WorkloadEntry": { address: "1.2.3.4", labels: { app: "x" }, weight: 2 },
  "networking.istio.io/WorkloadGroup": {
    template: { serviceAccount: "a" },
    probe: { httpGet: { path: "/", port: 80 } },
  },
  "networking.istio.io/ProxyConfig": { selector, concurrency: 0, environmentVariables: { A: "b" } },
  "security.istio.io/AuthorizationPolicy": {
    selector,
    rules: [{ from: [{ source: { principals: ["a"] } }], to: [{ operation: { methods: ["GET"] } }] }],
    action: "DENY",
  },
  "security.istio.io/PeerAuthentication": { mtls: { mode: "STRICT" }, portLevelMtls: { "8080": { mode: "DISABLE" } } },
  "security.istio.io/RequestAuthentication": { jwtRules: [{ issuer: "a", jwksUri: "https://a/keys", timeout: "1s" }] },
  "telemetry.istio.io/Telemetry": { tracing: [{ randomSamplingPercentage: 0, disableSpanReporting: true }] },
  "extensions.istio.io/TrafficExtension": { selector },
  "extensions.istio.io/WasmPlugin": { url: "oci://a/b", phase: "AUTHN", pluginConfig: { a: [1] }, priority: 3 },
  "authentication.istio.io/MeshPolicy": { peers: [{ mtls: {} }] },
  "authentication.istio.io/Policy": {
    origins: [{ jwt: { issuer: "a", triggerRules: [{}] } }],
    principalBinding: "USE_ORIGIN",
  },
  "rbac.istio.io/ClusterRbacConfig": { mode: "ON_WITH_INCLUSION", inclusion: { namespaces: ["default"] } },
  "rbac.istio.io/RbacConfig": { mode: "ON" },
  "rbac.istio.io/ServiceRole": {
    rules: [{ services: ["*"], methods: ["GET"], constraints: [{ key: "a", values: ["b"] }] }],
  },
  "rbac.istio.io/ServiceRoleBinding": { subjects: [{ user: "*" }], roleRef: { kind: "ServiceRole", name: "a" } },
  "config.istio.io/HTTPAPISpec": { patterns: [{ httpMethod: "GET", uriTemplate: "/a" }], apiKeys: [{ query: "key" }] },
  "config.istio.io/HTTPAPISpecBinding": { services, apiSpecs: [{ name: "a" }] },
  "config.istio.io/QuotaSpec": { rules: [{ quotas: [{ quota: "requestcount", charge: "1" }] }] },
  "config.istio.io/QuotaSpecBinding": { services, quotaSpecs: [{ name: "a" }] },
  "config.istio.io/attributemanifest": { revision: "1", attributes: { "source.ip": { valueType: "IP_ADDRESS" } } },
  "config.istio.io/handler": { compiledAdapter: "stdio", params: { outputAsJson: true, levels: { a: 1 } } },
  "config.istio.io/instance": { compiledTemplate: "metric", params: { value: "1" } },
  "config.istio.io/rule": { match: "true", actions: [{ handler: "a", instances: ["b"] }], sampling: { random: {} } },
  "/Endpoints": { subsets: [{ addresses: [{ ip: "1.2.3.4" }], ports: [{ name: "http", port: 80 }] }] },
  "/Namespace": { finalizers: ["kubernetes"] },
  "/Node": { podCIDR: "10.0.0.0/24", taints: [{ key: "a", effect: "NoSchedule" }] },
  "/Service": { ports: [{ port: 80, name: "http" }], clusterIP: "10.0.0.1", selector: { app: "x" } },
};
// Bodies whose JSON in Kubernetes is not the JSON of their messages.
const others: Readonly<Record<string, readonly [given: unknown, read: unknown]>> = {
  "/Pod": [
    { spec: { nodeName: "n", volumes: [{ name: "v", hostPath: { path: "/" } }] }, status: { podIP: "1.2.3.4" } },
    {
      spec: { nodeName: "n", volumes: [{ name: "v", volumeSource: { hostPath: { path: "/" } } }] },
      status: { podIP: "1.2.3.4" },
    },
  ],
  "extensions/Ingress": [
    { rules: [{ host: "a", http: { paths: [{ path: "/", backend: { serviceName: "s", servicePort: 80 } }] } }] },
    {
      rules: [
        {
          host: "a",
          ingressRuleValue: {
            http: { paths: [{ path: "/", backend: { serviceName: "s", servicePort: { type: "0", intVal: 80 } } }] },
          },
        },
      ],
    },
  ],
};

const metadata = { name: "a", annotations: { "kubernetes.io/ingress.class": "istio" } };
const kinds = registry.all.filter((spec) => !spec.generated);

function decode(spec: CollectionSpec, body: unknown, version = spec.versions[0]): Resource {
  const apiVersion = spec.group === "" ? version : `${spec.group}/${version}`;
  const whole = spec.kind === "Pod" || spec.kind === "Endpoints";
  const doc = { apiVersion, kind: spec.kind, metadata, ...(whole ? (body as object) : { spec: body }) };
  const parsed = decodeDocument(doc, registry, { describe: () => "here" });
  expect(parsed.issues).toEqual([]);
  if (!parsed.ok || parsed.value === undefined) throw new Error("no resource");
  return parsed.value;
}

describe.each(kinds.map((spec) => [`${spec.group}/${spec.kind}`, spec] as const))("%s", (key, spec) => {
  test("is decoded for every generation that has it, in every version", () => {
    const [given, read] = others[key] ?? [
      bodies[key] ?? { a: [1, { b: null }] },
      bodies[key] ?? { a: [1, { b: null }] },
    ];
    const made = decode(spec, given);
    expect(made).toMatchObject({ collection: spec.name, name: "a" });
    for (const generation of ["1.3", "current"] as const) {
      const bytes = bytesOf(made, generation);
      expect(bytes !== undefined).toBe(spec.generations.includes(generation));
      if (bytes === undefined) continue;
      const readable = decodeResource(bytes, generation);
      expect(readable).toMatchObject({ name: "a", version: made.version, body: read });
      expect(readable.typeUrl).toBe(`type.googleapis.com/${spec.message}`);
    }
    for (const version of spec.versions) expect(decode(spec, given, version).version).toBe(made.version);
  });
});

test("every body above belongs to a kind", () => {
  const known = kinds.map((spec) => `${spec.group}/${spec.kind}`);
  for (const key of [...Object.keys(bodies), ...Object.keys(others)]) expect(known).toContain(key);
});
