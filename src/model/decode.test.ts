import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeResource } from "./decode-resource.ts";
import { decodeDocument } from "./decode.ts";
import type { Parsed } from "./parsed.ts";
import { istioCollections } from "./registry.ts";
import type { Resource } from "./resource.ts";

const registry = istioCollections();
const origin = { describe: () => "mesh/test.yaml:1" };
const decode = (doc: unknown): Parsed<Resource | undefined> => decodeDocument(doc, registry, origin);
const said = (parsed: Parsed<unknown>): string[] =>
  parsed.issues.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);

function resource(doc: unknown): Resource {
  const parsed = decode(doc);
  if (!parsed.ok || parsed.value === undefined) throw new Error(said(parsed).join("\n"));
  return parsed.value;
}

const gateway = {
  apiVersion: "networking.istio.io/v1alpha3",
  kind: "Gateway",
  metadata: { name: "edge", namespace: "istio-system" },
  spec: { selector: { istio: "ingressgateway" } },
};
const withMetadata = (metadata: unknown) => ({ ...gateway, metadata });

describe("a good document", () => {
  test("becomes a resource that carries all of it", () => {
    const metadata = {
      name: "edge",
      namespace: "istio-system",
      labels: { app: "edge" },
      annotations: { note: "x" },
      creationTimestamp: "2020-01-31T12:00:00Z",
      resourceVersion: "77",
      managedFields: [{ manager: "kubectl" }],
    };
    const made = resource({ ...gateway, metadata, status: { anything: 1 } });
    expect(made).toMatchObject({ collection: "istio/networking/v1alpha3/gateways", name: "istio-system/edge", origin });
    expect(made.current).toBe(made.legacy);
    expect(decodeResource(made.legacy!, "1.3")).toEqual({
      name: "istio-system/edge",
      version: made.version,
      createTime: "2020-01-31T12:00:00Z",
      labels: { app: "edge" },
      annotations: { note: "x" },
      typeUrl: "type.googleapis.com/istio.networking.v1alpha3.Gateway",
      body: { selector: { istio: "ingressgateway" } },
    });
  });

  test("has its bare name when it has no namespace, and an unknown creation time", () => {
    const made = resource(withMetadata({ name: "edge", creationTimestamp: null }));
    expect(made.name).toBe("edge");
    expect(decodeResource(made.legacy!, "1.3")).toMatchObject({ name: "edge", createTime: undefined, labels: {} });
  });

  test("may lack a spec, which is the empty message", () => {
    for (const spec of [undefined, null, {}]) {
      expect(decodeResource(resource({ ...gateway, spec }).legacy!, "1.3").body).toEqual({});
    }
  });

  test.each(["v1alpha3", "v1beta1", "v1"])("of version %s gives the same bytes", (version) => {
    const made = resource({ ...gateway, apiVersion: `networking.istio.io/${version}` });
    expect(made.version).toBe(resource(gateway).version);
    expect(made.legacy).toEqual(resource(gateway).legacy);
  });

  test("has a version that only its content decides", () => {
    const touched = withMetadata({ ...gateway.metadata, resourceVersion: "2", generation: 9 });
    expect(resource(touched).version).toBe(resource(gateway).version);
    expect(resource(withMetadata({ ...gateway.metadata, labels: { a: "b" } })).version).not.toBe(
      resource(gateway).version,
    );
  });

  test("takes a date that a YAML schema made of a time", () => {
    const text = resource(withMetadata({ name: "a", creationTimestamp: "2020-01-31T12:00:00Z" }));
    const date = resource(withMetadata({ name: "a", creationTimestamp: new Date("2020-01-31T12:00:00Z") }));
    expect(date.version).toBe(text.version);
  });
});

describe("a document that is not for Galley", () => {
  const ignored = (doc: unknown): string[] => {
    const parsed = decode(doc);
    expect(parsed.ok && parsed.value).toBeUndefined();
    expect(parsed.ok).toBe(true);
    return said(parsed);
  };

  test("is passed over without a word when it is empty", () => {
    expect(ignored(null)).toEqual([]);
    expect(ignored(undefined)).toEqual([]);
  });

  test("is named when its kind is unknown", () => {
    expect(ignored({ ...gateway, kind: "Deployment", apiVersion: "apps/v1" })).toEqual([
      'warning unknown-kind: no collection is fed by kind "Deployment" of "apps"',
    ]);
  });

  test("is sent to the right group when there is one", () => {
    expect(ignored({ ...gateway, apiVersion: "gateway.networking.k8s.io/v1" })).toEqual([
      'warning unknown-kind: no collection is fed by kind "Gateway" of "gateway.networking.k8s.io", but one is by apiVersion networking.istio.io/v1',
    ]);
    expect(ignored({ ...gateway, apiVersion: "v1", kind: "gateway" })[0]).toMatch(/of the core group$/);
  });

  test("is given the right spelling when there is one", () => {
    expect(ignored({ ...gateway, kind: "Gatway" })).toEqual([
      'warning unknown-kind: no collection is fed by kind "Gatway" of "networking.istio.io"; did you mean Gateway?',
    ]);
  });

  test("is passed over without a word when its kind is known but excluded", () => {
    const service = { apiVersion: "v1", kind: "Service", metadata: { name: "a" }, spec: {} };
    const narrow = registry.without((spec) => spec.excludedByDefault);
    expect(decodeDocument(service, narrow, origin, { known: registry })).toEqual({
      ok: true,
      value: undefined,
      issues: [],
    });
    expect(said(decodeDocument(service, narrow, origin))[0]).toMatch(/^warning unknown-kind/);
    expect(resource(service).collection).toBe("k8s/core/v1/services");
  });

  test("is passed over with a word when it is an Ingress of another class", () => {
    const ingress = { apiVersion: "extensions/v1beta1", kind: "Ingress", metadata: { name: "a" }, spec: {} };
    const of = (kind: unknown) => ({
      ...ingress,
      metadata: { name: "a", annotations: { "kubernetes.io/ingress.class": kind } },
    });
    for (const doc of [ingress, of("nginx"), of("Istio"), of("")]) {
      expect(ignored(doc)).toEqual([
        "info ingress-class: an Ingress is read only with the annotation kubernetes.io/ingress.class: istio",
      ]);
    }
    expect(resource(of("istio")).collection).toBe("k8s/extensions/v1beta1/ingresses");
  });
});

describe("a bad document", () => {
  const refused = (doc: unknown): string[] => {
    const parsed = decode(doc);
    expect(parsed.ok).toBe(false);
    return said(parsed);
  };

  test.each([["text"], [1], [true], [[]], [new Date(0)]])("%j is no object", (doc) => {
    expect(refused(doc)).toEqual([
      "error not-an-object: a document must be an object with apiVersion, kind, metadata and spec",
    ]);
  });

  test("must say what it is", () => {
    expect(refused({ metadata: { name: "a" } })).toEqual([
      "error missing-api-version: a document must have a text as its apiVersion, such as networking.istio.io/v1",
      "error missing-kind: a document must have a text as its kind, such as VirtualService",
    ]);
    expect(refused({ apiVersion: 1, kind: "" })).toHaveLength(2);
  });

  test.each(["networking.istio.io/v9", "networking.istio.io/", "networking.istio.io/v1/x"])(
    "must have a version that is served, unlike %s",
    (v) => {
      expect(refused({ ...gateway, apiVersion: v })).toEqual([
        `error unknown-version: Gateway has no version "${v}"; use networking.istio.io/v1, networking.istio.io/v1beta1, networking.istio.io/v1alpha3`,
      ]);
    },
  );

  test.each([undefined, null, "x", []])("must have metadata, not %j", (metadata) => {
    expect(refused(withMetadata(metadata))).toEqual([
      "error missing-metadata: a document must have metadata: an object with at least a name",
    ]);
  });

  test.each([undefined, null, ""])("must have a name, not %j", (name) => {
    expect(refused(withMetadata({ name }))).toEqual([
      "error missing-name: metadata.name must say what the resource is called",
    ]);
  });

  test.each([
    [
      { name: "a/b" },
      'error bad-name: metadata.name is "a/b", but must be at most 253 characters, without slashes, blanks and control characters',
    ],
    [
      { name: "a", namespace: "x y" },
      'error bad-name: metadata.namespace is "x y", but must be at most 253 characters, without slashes, blanks and control characters',
    ],
    [{ name: "x".repeat(254) }, "error bad-name: metadata.name is"],
    [{ name: 42 }, "error wrong-type: metadata.name must be a text, not 42; put it in quotes"],
    [{ name: "a", namespace: {} }, "error wrong-type: metadata.namespace must be a text, not an object"],
  ])("can't be called %j", (metadata, expected) => {
    const issues = refused(withMetadata(metadata));
    expect(issues).toHaveLength(1);
    expect(issues[0]!.startsWith(expected)).toBe(true);
  });

  test("must have texts as labels and annotations, and a time of creation", () => {
    const metadata = { name: "a", labels: { "a.b/c": 1, ok: "x" }, annotations: ["x"], creationTimestamp: "yesterday" };
    expect(refused(withMetadata(metadata))).toEqual([
      'error wrong-type: metadata.labels["a.b/c"] must be a text, not 1; put it in quotes',
      "error wrong-type: metadata.annotations must be an object of texts, not a list",
      'error bad-value: metadata.creationTimestamp must be a time such as "2020-01-31T12:00:00Z", not the text "yesterday"',
    ]);
  });

  test("has all the wrong types of its spec reported, with their places", () => {
    const parsed = decode({ ...gateway, spec: { selector: [], servers: [{ port: { number: "x" } }], extra: 1 } });
    expect(parsed.issues.map(({ severity, path }) => [severity, path.join(".")])).toEqual([
      ["warning", "spec.extra"],
      ["error", "spec.servers.0.port.number"],
      ["error", "spec.selector"],
    ]);
    expect(parsed.ok).toBe(false);
  });
});

describe("a document that is served with a remark", () => {
  test("belongs to the whole cluster, so its namespace is dropped", () => {
    const policy = {
      apiVersion: "authentication.istio.io/v1alpha1",
      kind: "MeshPolicy",
      metadata: { name: "default", namespace: "a" },
    };
    const parsed = decode(policy);
    expect(parsed.ok && parsed.value?.name).toBe("default");
    expect(said(parsed)).toEqual([
      "info namespace-ignored: metadata.namespace is ignored: a MeshPolicy belongs to the whole cluster",
    ]);
  });

  test("has a misspelt or misplaced part beside its spec", () => {
    expect(said(decode({ ...gateway, spce: {}, servers: [] }))).toEqual([
      'warning unknown-field: "spce" is an unknown field; did you mean spec?',
      'warning unknown-field: "servers" is an unknown field; everything to be served stands under spec',
    ]);
  });

  test("has ten of its strays named, and the rest counted", () => {
    const strays = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`stray${i}`, i]));
    const words = said(decode({ ...gateway, ...strays }));
    expect(words).toHaveLength(11);
    expect(words.at(-1)).toBe("warning unknown-field: 99990 more unknown fields stand beside spec");
    const eleven = Object.fromEntries(Object.entries(strays).slice(0, 11));
    expect(said(decode({ ...gateway, ...eleven })).at(-1)).toBe(
      "warning unknown-field: 1 more unknown field stands beside spec",
    );
  });
});

test("an authentication policy may ask for mutual TLS with nothing behind it", () => {
  const bank = resource({
    apiVersion: "authentication.istio.io/v1alpha1",
    kind: "Policy",
    metadata: { name: "ledger-mtls", namespace: "bank", resourceVersion: "31" },
    spec: { targets: [{ name: "ledger", ports: [{ number: 8443 }] }], peers: [{ mtls: null }] },
  });
  expect(bank.collection).toBe("istio/authentication/v1alpha1/policies");
  expect(decodeResource(bank.legacy!, "1.3")).toMatchObject({
    name: "bank/ledger-mtls",
    body: { targets: [{ name: "ledger", ports: [{ number: 8443 }] }], peers: [{ mtls: {} }] },
  });
  const mesh = resource({
    apiVersion: "authentication.istio.io/v1alpha1",
    kind: "MeshPolicy",
    metadata: { name: "default", resourceVersion: "9" },
    spec: { peers: [{ mtls: { mode: "PERMISSIVE" } }] },
  });
  expect(mesh.collection).toBe("istio/authentication/v1alpha1/meshpolicies");
  expect(decodeResource(mesh.legacy!, "1.3")).toMatchObject({
    name: "default",
    body: { peers: [{ mtls: { mode: "PERMISSIVE" } }] },
  });
});

test("whatever a document is, there is a verdict: a resource, nothing, or an error that says why", () => {
  const kinds = registry.all.filter((spec) => !spec.generated);
  const head = fc.constantFrom(...kinds).map((spec) => ({
    apiVersion: [spec.group, spec.versions[0]].filter((part) => part !== "").join("/"),
    kind: spec.kind,
  }));
  const metadata = fc.oneof(
    fc.record({ name: fc.constant("a"), namespace: fc.constant("b") }),
    fc.record({
      name: fc.anything(),
      labels: fc.anything(),
      annotations: fc.anything(),
      creationTimestamp: fc.anything(),
    }),
    fc.anything(),
  );
  const rest = fc.record(
    { metadata, spec: fc.anything(), status: fc.anything(), extra: fc.anything() },
    { requiredKeys: [] },
  );
  const documents = fc.oneof(
    fc.tuple(head, rest).map(([kind, others]) => ({ ...kind, ...others })),
    fc.anything({ withNullPrototype: true, withDate: true, withBigInt: true }),
  );
  fc.assert(
    fc.property(documents, (doc) => {
      const parsed = decode(doc);
      const failed = parsed.issues.some(({ severity }) => severity === "error");
      expect(parsed.ok).toBe(!failed);
      if (parsed.ok && parsed.value !== undefined) {
        expect(parsed.value.legacy ?? parsed.value.current).toBeDefined();
        expect(decode(doc)).toEqual(parsed);
      }
    }),
    { numRuns: 2000 },
  );
});
