import { type Rows, sources, tls, well } from "./cases.ts";

const PEM = "-----BEGIN CERTIFICATE-----";

/** How istiod is to speak to Galley. */
export const tlsRows: Rows = {
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
};
