/**
 * What becomes of a document: both servers serve the `same`, they serve something that `differs`, only one of them serves it,
 * or `neither`.
 */
export type Verdict = "same" | "differs" | "original" | "ours" | "neither";

interface OddDocument {
  readonly name: string;
  readonly verdict: Verdict;
  readonly text: string;
}

const http = "{ number: 80, name: http, protocol: HTTP }";

/** A Gateway, of which parts may be otherwise. */
function gateway(
  name: string,
  parts: { readonly spec?: string; readonly meta?: string; readonly api?: string },
): string {
  const { spec = `{ servers: [{ port: ${http}, hosts: ["*"] }] }`, meta = "namespace: odd", api } = parts;
  return `apiVersion: ${api ?? "networking.istio.io/v1alpha3"}
kind: Gateway
metadata: { name: ${name}, ${meta} }
spec: ${spec}
`;
}

function spec(verdict: Verdict, name: string, text: string): OddDocument {
  return { name, verdict, text: gateway(name, { spec: text }) };
}

function port(verdict: Verdict, name: string, number: string): OddDocument {
  return spec(verdict, name, `{ servers: [{ port: { number: ${number} } }] }`);
}

function tls(verdict: Verdict, name: string, text: string): OddDocument {
  return spec(verdict, name, `{ servers: [{ tls: { ${text} } }] }`);
}

function meta(verdict: Verdict, name: string, text: string): OddDocument {
  return { name, verdict, text: gateway(name, { meta: text }) };
}

function api(verdict: Verdict, name: string, version: string): OddDocument {
  return { name, verdict, text: gateway(name, { api: version }) };
}

/** A VirtualService with one route. */
function route(verdict: Verdict, name: string, text: string): OddDocument {
  const head = `apiVersion: networking.istio.io/v1alpha3\nkind: VirtualService\nmetadata: { name: ${name}, namespace: odd }`;
  return { name, verdict, text: `${head}\nspec: { hosts: [a.odd], http: [{ ${text} }] }\n` };
}

function timeout(verdict: Verdict, name: string, text: string): OddDocument {
  return route(verdict, `timeout-${name}`, `timeout: ${text}`);
}

/** A file with a Gateway of this name somewhere in it. */
function file(verdict: Verdict, name: string, frame: (document: string) => string): OddDocument {
  return { name, verdict, text: frame(gateway(name, {})) };
}

/** Documents that are odd or wrong. README.md tells why those that the two servers judge differently are. */
export const oddDocuments: readonly OddDocument[] = [
  spec("same", "unknown-field", "{ wrong: 1 }"),
  spec("same", "null-spec", "null"),
  spec("neither", "list-spec", "[]"),
  spec("neither", "text-spec", "text"),
  spec("neither", "object-for-list", "{ servers: {} }"),
  spec("neither", "text-for-list", '{ servers: [{ hosts: "*" }] }'),
  spec("original", "null-in-list-of-text", "{ servers: [{ hosts: [null] }] }"),
  spec("neither", "number-for-text", "{ servers: [{ hosts: [5] }] }"),
  port("same", "quoted-number", '"80"'),
  port("same", "whole-fraction", "80.0"),
  port("same", "null-number", "null"),
  port("same", "octal-number", "0120"),
  port("same", "hexadecimal-number", "0x50"),
  port("same", "underscored-number", "8_0"),
  port("ours", "number-with-exponent", "8e1"),
  port("neither", "word-for-number", "eighty"),
  port("neither", "negative-number", "-1"),
  port("neither", "large-number", "4294967296"),
  port("neither", "fraction", "80.5"),
  tls("same", "enum-by-number", "mode: 1"),
  tls("same", "enum-by-unknown-number", "mode: 99"),
  tls("neither", "enum-in-lower-case", "mode: simple"),
  tls("neither", "enum-unknown", "mode: OPAQUE"),
  tls("same", "snake-case", "https_redirect: true"),
  tls("same", "both-cases", "httpsRedirect: true, https_redirect: false"),
  tls("same", "yes-for-bool", "httpsRedirect: yes"),
  tls("neither", "text-for-bool", 'httpsRedirect: "true"'),
  timeout("same", "fraction", "1.5s"),
  timeout("same", "mixed", "1h30m"),
  timeout("same", "negative", "-1s"),
  timeout("neither", "unit", "5x"),
  timeout("neither", "number", "5"),
  timeout("neither", "object", "{ seconds: 5 }"),
  timeout("neither", "huge", "999999999999999s"),
  timeout("neither", "empty", '""'),
  route("original", "two-of-one", "match: [{ uri: { exact: a, prefix: b } }]"),
  route("same", "nul", 'rewrite: { uri: "a\\0b" }'),
  route("same", "unicode", 'rewrite: { uri: "grüße 🌍" }'),
  route("same", "date-for-text", "rewrite: { uri: 2019-01-01 }"),
  route("neither", "lone-surrogate", 'rewrite: { uri: "\\ud800" }'),
  route("same", "quoted-fraction", 'fault: { abort: { percentage: { value: "5.5" }, httpStatus: 500 } }'),
  route("neither", "not-a-number", "fault: { abort: { percentage: { value: .nan }, httpStatus: 500 } }"),
  route("same", "wrapper-null", "corsPolicy: { allowCredentials: null }"),
  route("neither", "wrapper-object", "corsPolicy: { allowCredentials: { value: true } }"),
  meta("same", "uppercase-namespace", "namespace: Odd_NS"),
  meta("same", "null-namespace", "namespace: null"),
  meta("same", "created-with-zone", 'namespace: odd, creationTimestamp: "2019-09-11T20:59:55+02:00"'),
  meta("original", "created-yesterday", "namespace: odd, creationTimestamp: yesterday"),
  meta("original", "created-number", "namespace: odd, creationTimestamp: 5"),
  meta("original", "label-number", "namespace: odd, labels: { a: 1 }"),
  meta("original", "annotation-bool", "namespace: odd, annotations: { a: true }"),
  meta("same", "metadata-of-kubernetes", 'namespace: odd, resourceVersion: "77", uid: abc, generation: 4'),
  meta("same", "deleted", 'namespace: odd, deletionTimestamp: "2019-09-11T20:59:55Z"'),
  api("same", "version-v1beta1", "networking.istio.io/v1beta1"),
  api("same", "version-v1", "networking.istio.io/v1"),
  api("original", "version-v2", "networking.istio.io/v2"),
  api("original", "group-foreign", "gateway.networking.k8s.io/v1"),
  api("original", "group-none", "v1alpha3"),
  { name: "long-name-".repeat(30) + "z", verdict: "original", text: gateway("long-name-".repeat(30) + "z", {}) },
  { name: "na/me", verdict: "original", text: gateway("na/me", {}) },
  { name: "Upper_Name", verdict: "same", text: gateway("Upper_Name", {}) },
  file("original", "key-twice", (document) => `${document}spec: {}\n`),
  file("original", "version-missing", (document) => document.replace(/.*\n/, "")),
  file("neither", "kind-in-lower-case", (document) => document.replace("Gateway", "gateway")),
  file("differs", "twice", (document) => `${document}---\n${document.replace("80", "81")}`),
  file("same", "more-at-the-top", (document) => `${document}status: {}\nmore: 1\n`),
  file("same", "byte-order-mark", (document) => `\u{feff}${document}`),
  file("same", "carriage-returns", (document) => document.replaceAll("\n", "\r\n")),
  file("same", "comment-first", (document) => `# a comment\n${document}`),
  file("same", "end-of-document", (document) => `${document}...\n`),
  file("same", "after-broken-one", (document) => `a: [\n---\n${document}`),
  file("same", "before-broken-one", (document) => `${document}---\na: [\n`),
  file("ours", "after-separator-with-blanks", (document) => `a: 1\n---  \n${document}`),
  file(
    "ours",
    "in-list",
    (document) => `apiVersion: v1\nkind: List\nitems:\n- ${document.trim().replaceAll("\n", "\n  ")}\n`,
  ),
  {
    name: "separator-in-text",
    verdict: "differs",
    text: `apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: { name: separator-in-text, namespace: odd }
spec:
  hosts: [a.odd]
  http:
    - rewrite:
        uri: |
          a
`,
  },
  {
    name: "large-number-in-struct",
    verdict: "differs",
    text: `apiVersion: config.istio.io/v1alpha2
kind: handler
metadata: { name: large-number-in-struct, namespace: odd }
spec: { compiledAdapter: stdio, params: { a: 12345678901234567890 } }
`,
  },
  {
    name: "name-in-cluster",
    verdict: "differs",
    text: `apiVersion: rbac.istio.io/v1alpha1
kind: ClusterRbacConfig
metadata: { name: name-in-cluster, namespace: odd }
spec: { mode: "ON" }
`,
  },
];
