import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noColours } from "../terminal/colours.ts";
import { addTo, type Configuration, noSample } from "./configuration.ts";
import { diagnosesJson } from "./diagnosis.ts";
import { type FindingId, findingIds } from "./finding-ids.ts";
import { formatReport } from "./report.ts";
import { type Around, examineText, holding } from "./testing/examine-text.ts";

const PEM = "-----BEGIN CERTIFICATE-----";

/** A mesh config with these addresses, in flow style; what follows an address belongs to its source. */
const sources = (...entries: readonly string[]): string =>
  `configSources:\n${entries.map((entry) => `- address: ${entry}\n`).join("")}`;
/** The source of a Galley beside istiod, and the cluster's: nothing is wrong with these. */
const well = sources("xds://127.0.0.1:15010", "k8s://");
const tls = (settings: string): string => sources(`xds://galley:15010\n  tlsSettings: {${settings}}`, "k8s://");

const MIB = 1024 * 1024;
const gateways = (bytes: number): Configuration => holding({ Gateway: [10, bytes] });
const labelled = holding(
  { Gateway: [2, 1000] },
  { revisions: new Map([["canary", addTo(noSample, "Gateway a/b (f:1)")]]) },
);

const heldBack = new Map([["no-namespace", addTo(noSample, "Gateway x (f:1): set metadata.namespace")]]);

type Case = readonly [text: string, around?: Around];

interface Row {
  readonly has: readonly Case[];
  readonly hasNot: readonly Case[];
}

/** For each finding, what has it and what is nearly the same and hasn't. `unreachable` and `reached` need a connection. */
const rows: Readonly<Record<Exclude<FindingId, "unreachable" | "reached">, Row>> = {
  "config-sources-unset": {
    has: [["{}"], ["rootNamespace: x"], ["configSources: []"], ["configSources: null"], ["kind: IstioOperator"]],
    hasNot: [[well], ["configSources: {}"]],
  },
  "no-xds-source": {
    has: [[sources("k8s://")], [sources("galley:15010", "k8s://")], [sources("fs:///x")]],
    hasNot: [[well], [sources("k8s://", "xds://a:1")], ["{}"]],
  },
  "invalid-value": {
    has: [
      ["configSources: {}"],
      [sources("5")],
      [tls("mode: MUTAL")],
      [tls("mode: SIMPLE, sni: [x]")],
      ["rootNamespace: 5"],
    ],
    hasNot: [[well], [tls("mode: 1")], [sources("5"), { isLive: true }]],
  },
  "unknown-field": {
    has: [
      ["configSources: [{adress: x}]"],
      [tls("mod: SIMPLE")],
      ["configSource: []"],
      [`${well}discoverySelector: []`],
    ],
    hasNot: [
      [well],
      [`${well}mixerCheckServer: x`],
      ["config_sources: [{address: 'xds://a:1', tls_settings: {mode: SIMPLE}}]"],
    ],
  },
  "address-missing": { has: [["configSources: [{}]"], [sources('""')]], hasNot: [[well], ["configSources: []"]] },
  "address-invalid": { has: [[sources("10.0.0.1:15010")]], hasNot: [[sources("xds://10.0.0.1:15010")]] },
  "address-scheme-unknown": { has: [[sources("galley:15010")], [sources("mcp://x:1")]], hasNot: [[well]] },
  "address-without-port": { has: [[sources("xds://galley")], [sources("xds://galley:0")]], hasNot: [[well]] },
  "files-without-path": { has: [[sources("fs://")]], hasNot: [[sources("fs:///x")]] },
  "kubernetes-path-unsupported": { has: [[sources("k8s:///x")]], hasNot: [[sources("k8s:///")]] },
  "address-parts-ignored": {
    has: [[sources("xds://a:1/x")], [sources("k8s://west")], [sources("fs://a/b")]],
    hasNot: [[well], [sources("fs:///a/b")]],
  },
  "duplicate-address": {
    has: [[sources("xds://a:1", "xds://A:1/")], [sources("k8s://", "k8s:///")], [sources("fs:///a", "fs:///a")]],
    hasNot: [[sources("xds://a:1", "xds://a:2")], [sources("bad", "bad")]],
  },
  "loopback-address": {
    has: [[well], [sources("xds://localhost:1")], [sources("xds://[::1]:1")], [sources("xds://:1")]],
    hasNot: [[sources("xds://10.0.0.1:1")], [sources("xds://localhost.example:1")]],
  },
  "no-kubernetes-source": {
    has: [[sources("xds://a:1")], [sources("xds://a:1", "k8s:///x")]],
    hasNot: [[well], [sources("fs:///x")]],
  },
  "source-order": { has: [[well]], hasNot: [[sources("xds://a:1")], [sources("xds://a:1", "bad")]] },
  "too-many-sources": {
    has: [[sources(...Array.from({ length: 101 }, (_, i) => `xds://a:${i + 1}`))]],
    hasNot: [[sources(...Array.from({ length: 100 }, (_, i) => `xds://a:${i + 1}`))]],
  },
  "discovery-selectors-unapplied": {
    has: [[`${well}discoverySelectors: [{matchLabels: {a: b}}]`], [`${well}discovery_selectors: [{}]`]],
    hasNot: [[well], [`${well}discoverySelectors: []`], [`${sources("k8s://")}discoverySelectors: [{}]`]],
  },
  "start-order": { has: [[well]], hasNot: [[sources("k8s://")]] },
  "tls-mode-plaintext": {
    has: [
      [tls("mode: MUTUAL")],
      [tls("mode: ISTIO_MUTUAL")],
      [tls("mode: 2")],
      [tls("caCertificates: x")],
      [tls("mode: MUTUAL"), { version: "1.30" }],
    ],
    hasNot: [
      [tls("mode: SIMPLE")],
      [tls("mode: DISABLE, sni: x")],
      [tls("")],
      [tls("mode: MUTUAL"), { version: "1.5" }],
    ],
  },
  "tls-unsupported": {
    has: [[tls("mode: SIMPLE")], [tls("mode: SIMPLE"), { version: "1.25" }], [tls("mode: SIMPLE"), { version: "1.7" }]],
    hasNot: [[tls("mode: SIMPLE"), { version: "1.26" }], [tls("mode: MUTUAL")]],
  },
  "tls-settings-unused": {
    has: [[tls("mode: DISABLE, sni: x")], [sources("xds://a:1", "k8s://\n  tlsSettings: {mode: SIMPLE}")]],
    hasNot: [[tls("mode: DISABLE")], [tls("sni: x")], [tls("mode: SIMPLE, sni: x")]],
  },
  "tls-client-certificate-ignored": {
    has: [[tls("mode: SIMPLE, clientCertificate: x")], [tls("mode: SIMPLE, privateKey: x"), { version: "1.28" }]],
    hasNot: [
      [tls("mode: SIMPLE")],
      [tls("mode: SIMPLE, privateKey: x"), { version: "1.25" }],
      [tls("mode: SIMPLE, privateKey: x, credentialName: z")],
    ],
  },
  "tls-settings-conflict": {
    has: [
      [tls("mode: SIMPLE, credentialName: x, caCertificates: z")],
      [tls("mode: SIMPLE, credentialName: x, privateKey: z")],
      [tls(`mode: SIMPLE, insecureSkipVerify: true, caCertificates: ${PEM}`)],
      [tls("mode: SIMPLE, insecureSkipVerify: true, credentialName: x")],
      [tls("mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [x]")],
    ],
    hasNot: [
      [tls("mode: SIMPLE, credentialName: x, subjectAltNames: [z]")],
      [tls("mode: SIMPLE, insecureSkipVerify: true")],
      [tls("mode: SIMPLE, credentialName: x, caCertificates: z"), { isLive: true }],
    ],
  },
  "tls-ca-not-inline": {
    has: [[tls("mode: SIMPLE, caCertificates: /etc/certs/root.pem")]],
    hasNot: [[tls(`mode: SIMPLE, caCertificates: "${PEM}"`)], [tls("mode: SIMPLE, credentialName: x")]],
  },
  "tls-san-not-dns": {
    has: [[tls("mode: SIMPLE, credentialName: x, subjectAltNames: ['spiffe://a/b', 10.0.0.1]")]],
    hasNot: [
      [tls("mode: SIMPLE, credentialName: x, subjectAltNames: ['spiffe://a/b', galley]")],
      [tls("mode: SIMPLE, credentialName: x")],
    ],
  },
  "tls-sans-unchecked": {
    has: [[tls("mode: SIMPLE, subjectAltNames: [x]")]],
    hasNot: [[tls("mode: SIMPLE, subjectAltNames: [x], credentialName: z")], [tls("mode: SIMPLE")]],
  },
  "tls-not-verified": {
    has: [
      [tls("mode: SIMPLE, insecureSkipVerify: true")],
      [tls("mode: 1, insecureSkipVerify: {value: true}"), { isLive: true }],
    ],
    hasNot: [[tls("mode: SIMPLE, insecureSkipVerify: false")], [tls("mode: SIMPLE")]],
  },
  "tls-system-authorities": {
    has: [[tls("mode: SIMPLE")]],
    hasNot: [[tls("mode: SIMPLE, credentialName: x")], [tls("mode: SIMPLE, insecureSkipVerify: true")]],
  },
  plaintext: {
    has: [[sources("xds://galley:1")], [tls("mode: DISABLE")], [tls("")]],
    hasNot: [[well], [tls("mode: SIMPLE")], [tls("mode: MUTUAL")], [sources("k8s://")]],
  },
  "release-unknown": {
    has: [[well], [well, { version: "unknown" }]],
    hasNot: [[well, { version: "1.25" }], [sources("k8s://")]],
  },
  "release-notes": {
    has: [
      [well, { version: "1.7" }],
      [well, { version: "1.9" }],
      [well, { version: "1.11" }],
    ],
    hasNot: [[well, { version: "1.14" }], [well, { version: "1.30" }], [well], [well, { version: "1.5" }]],
  },
  "release-without-xds": { has: [[well, { version: "1.6" }]], hasNot: [[well, { version: "1.7" }], [well]] },
  "deletes-ignored": {
    has: [
      [well, { version: "1.7" }],
      [well, { version: "1.8" }],
    ],
    hasNot: [
      [well, { version: "1.9" }],
      [well, { version: "1.6" }],
    ],
  },
  "responses-limited": {
    has: [[well, { version: "1.8" }]],
    hasNot: [
      [well, { version: "1.7" }],
      [well, { version: "1.9" }],
    ],
  },
  "message-cap": {
    has: [
      [well, { version: "1.11" }],
      [well, { version: "1.11", configuration: gateways(3 * MIB) }],
    ],
    hasNot: [
      [well, { version: "1.12" }],
      [well, { version: "1.11", configuration: gateways(1 * MIB) }],
      [well],
      [well, { configuration: gateways(3 * MIB) }],
    ],
  },
  "message-too-large": {
    has: [
      [well, { version: "1.11", configuration: gateways(5 * MIB) }],
      [well, { configuration: gateways(5 * MIB) }],
      [well, { version: "1.12", configuration: gateways(2048 * MIB) }],
    ],
    hasNot: [
      [well, { version: "1.12", configuration: gateways(5 * MIB) }],
      [well, { version: "1.11", configuration: gateways(4 * MIB) }],
      // A kind that isn't asked for makes no message.
      [well, { version: "1.11", configuration: holding({ WasmPlugin: [1, 5 * MIB], Gateway: [1, 1] }) }],
    ],
  },
  "responses-pinned": {
    has: [
      [well, { version: "1.25", configuration: gateways(10 * MIB) }],
      [well, { version: "1.25", configuration: gateways(1000) }],
      [well, { configuration: gateways(1000) }],
    ],
    hasNot: [
      [well, { version: "1.11", configuration: gateways(1000) }],
      [well, { version: "1.25" }],
      [well, { configuration: {} }],
    ],
  },
  "kinds-not-asked": {
    has: [
      [well, { configuration: holding({ ServiceRole: [2, 100], Gateway: [1, 100] }) }],
      [well, { version: "1.29", configuration: holding({ TrafficExtension: [1, 100] }) }],
      [well, { version: "1.7", configuration: holding({ QuotaSpec: [1, 100] }) }],
    ],
    hasNot: [
      [well, { version: "1.30", configuration: holding({ TrafficExtension: [1, 100] }) }],
      [well, { configuration: gateways(1) }],
    ],
  },
  "wasm-plugins-unread": {
    has: [
      [well, { version: "1.30", configuration: holding({ WasmPlugin: [1, 100] }) }],
      [well, { configuration: holding({ WasmPlugin: [1, 100] }) }],
    ],
    hasNot: [
      [well, { version: "1.29", configuration: holding({ WasmPlugin: [1, 100] }) }],
      [well, { version: "1.30", configuration: gateways(1) }],
    ],
  },
  "revision-filter": {
    has: [
      [well, { revision: "canary" }],
      [well, { version: "1.13", revision: "canary" }],
      [well, { configuration: labelled }],
    ],
    hasNot: [
      [well, { version: "1.12", revision: "canary" }],
      [well],
      [well, { revision: "x", configuration: labelled }],
    ],
  },
  "revision-mismatch": {
    has: [
      [well, { revision: "default", configuration: labelled }],
      [well, { version: "1.25", revision: "default", configuration: labelled }],
    ],
    hasNot: [
      [well, { revision: "canary", configuration: labelled }],
      [well, { version: "1.12", revision: "default", configuration: labelled }],
      [well, { configuration: labelled }],
    ],
  },
  "held-back": {
    has: [[well, { configuration: { heldBack } }]],
    hasNot: [
      [well, { configuration: gateways(1) }],
      [sources("k8s://"), { configuration: { heldBack } }],
    ],
  },
  "configuration-errors": {
    has: [[well, { configuration: { errors: addTo(noSample, "f:1: bad") } }]],
    hasNot: [[well, { configuration: gateways(1) }]],
  },
  "nothing-to-serve": {
    has: [
      [well, { configuration: {} }],
      [well, { configuration: holding({ ServiceRole: [1, 1] }) }],
    ],
    hasNot: [[well, { configuration: gateways(1) }], [well]],
  },
};

const cases = (side: keyof Row): readonly (readonly [FindingId, string, Around])[] =>
  Object.entries(rows).flatMap(([id, row]) =>
    row[side].map(([text, around = {}]) => [id as FindingId, text, around] as const),
  );

describe("a finding", () => {
  test.each(cases("has"))("%s is told of %j %j, no worse than its table says", (id, text, around) => {
    const found = examineText(text, around).findings.filter((finding) => finding.id === id);
    expect(found).not.toEqual([]);
    const order = ["info", "warning", "error"];
    for (const { severity, message } of found) {
      expect(order.indexOf(severity)).toBeLessThanOrEqual(order.indexOf(findingIds[id].worst));
      expect(message).toMatch(/[.]$/u);
      expect(message).not.toMatch(/undefined|null|\[object/u);
    }
  });

  test.each(cases("hasNot"))("%s is not told of %j %j", (id, text, around) => {
    expect(examineText(text, around).findings.map((finding) => finding.id)).not.toContain(id);
  });

  test.each(Object.keys(rows) as (keyof typeof rows)[])("%s is told at its worst of something", (id) => {
    const severities = rows[id].has.flatMap(([text, around]) =>
      examineText(text, around)
        .findings.filter((finding) => finding.id === id)
        .map(({ severity }) => severity),
    );
    expect(severities).toContain(findingIds[id].worst);
  });
});

test("nothing is wrong with a Galley beside istiod, plaintext at its loopback address, and with the cluster", () => {
  expect(examineText(well, { version: "1.25" }).findings.filter(({ severity }) => severity !== "info")).toEqual([]);
});

test("findings come worst first", () => {
  const severities = examineText(tls("mode: MUTUAL")).findings.map(({ severity }) => severity);
  expect(severities).toEqual(severities.toSorted((a, b) => "ewi".indexOf(a[0]!) - "ewi".indexOf(b[0]!)));
});

test.each([
  [tls("mode: MUTUAL"), "tls-mode-plaintext", "configSources.0.tlsSettings.mode", 3],
  [tls("caCertificates: x"), "tls-mode-plaintext", "configSources.0.tlsSettings", 3],
  [sources("xds://a:1", "galley:1"), "address-scheme-unknown", "configSources.1.address", 3],
  ["config_sources:\n- address: x\n", "address-scheme-unknown", "config_sources.0.address", 2],
])("%j has %s at %s", (text, id, path, line) => {
  const { findings } = examineText(text);
  const finding = findings.find((one) => one.id === id);
  expect(finding?.path.join(".")).toBe(path);
  expect(finding?.place).toMatchObject({ file: "mesh.yaml", line });
});

test.each([
  ["1.25", "error", "istiod 1.25 doesn't have it"],
  ["", "warning", "If istiod is older"],
])("TLS before 1.26 is spoken of according to what is known of the release: %j", (version, severity, words) => {
  const found = examineText(tls("mode: SIMPLE"), { version }).findings.find(({ id }) => id === "tls-unsupported");
  expect(found).toMatchObject({ severity, message: expect.stringContaining(words) });
});

test.each([
  [1 * MIB, "info", "up to 87.0 MiB"],
  [10 * MIB, "warning", "up to 870 MiB"],
])("a kind of %d bytes, pinned again and again, is %s", (bytes, severity, words) => {
  const configuration = holding({ Gateway: [10, bytes] });
  const found = examineText(well, { version: "1.25", configuration }).findings.find(
    ({ id }) => id === "responses-pinned",
  );
  expect(found).toMatchObject({ severity, message: expect.stringContaining(words) });
});

test("sizes that were reckoned are called so", () => {
  const configuration = holding({ Gateway: [100, 5 * MIB] }, { isEstimate: true });
  const found = examineText(well, { version: "1.11", configuration }).findings.find(
    ({ id }) => id === "message-too-large",
  );
  expect(found?.message).toContain("All 100 resources of kind Gateway make a message of about 5.0 MiB");
});

test("any mesh config gets a verdict that can be read, of a bounded length", () => {
  const word = fc.constantFrom(
    "configSources",
    "address",
    "tlsSettings",
    "mode",
    "SIMPLE",
    "subjectAltNames",
    "caCertificates",
  );
  const text = fc.oneof(word, fc.string(), fc.constantFrom("xds://a:1", "k8s://", `xds://${"a".repeat(100_000)}`));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("any")),
      tie("object"),
    ),
    object: fc.dictionary(fc.oneof(word, fc.string()), tie("any")),
  })).any;
  const style = { paint: noColours, width: 80 };
  fc.assert(
    fc.property(
      value,
      fc.boolean(),
      fc.constantFrom("", "1.6", "1.11", "1.25", "1.30"),
      (configSources, isLive, version) => {
        const diagnosis = examineText(JSON.stringify({ configSources }), { isLive, version });
        expect(formatReport([diagnosis], style).length).toBeLessThan(300_000);
        expect(JSON.stringify(diagnosesJson([diagnosis]))).toContain('"counts"');
      },
    ),
  );
});
