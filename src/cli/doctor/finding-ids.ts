/** What there is to be found, with the worst severity that it is told with. The ids are for scripts: they don't change. */
export const findingIds = {
  "config-sources-unset": {
    worst: "error",
    meaning: "The mesh config names no config source: istiod reads its cluster, and asks Galley nothing.",
  },
  "no-xds-source": {
    worst: "error",
    meaning: "No config source is an xds:// address that istiod can use: Galley isn't asked.",
  },
  "invalid-value": { worst: "error", meaning: "A value doesn't fit its field, and istiod can't read the mesh config." },
  "unknown-field": { worst: "warning", meaning: "A field of a config source doesn't exist: istiod passes over it." },
  "address-missing": { worst: "error", meaning: "A config source has no address: istiod passes over it." },
  "address-invalid": { worst: "error", meaning: "An address is no URL: istiod ends at its start." },
  "address-scheme-unknown": {
    worst: "error",
    meaning: "An address has a scheme that istiod doesn't know: it passes over the source.",
  },
  "address-without-port": {
    worst: "error",
    meaning: "An xds:// address has no host or no usable port: istiod ends at its start.",
  },
  "files-without-path": { worst: "error", meaning: "An fs:// address has no path: istiod ends at its start." },
  "kubernetes-path-unsupported": {
    worst: "error",
    meaning: "A k8s:// address has a path: istiod passes over the source.",
  },
  "address-parts-ignored": { worst: "warning", meaning: "A part of an address means nothing to istiod." },
  "duplicate-address": {
    worst: "warning",
    meaning: "Two config sources have the same address: all is read and kept twice, to no use.",
  },
  "loopback-address": { worst: "info", meaning: "An address is that of istiod's own pod." },
  "no-kubernetes-source": {
    worst: "warning",
    meaning: "There is no k8s:// beside xds://: istiod no longer reads its cluster.",
  },
  "source-order": {
    worst: "info",
    meaning: "Which source wins where several have a resource of the same kind and name.",
  },
  "too-many-sources": {
    worst: "warning",
    meaning: "There are more than a hundred config sources, and the others aren't examined.",
  },
  "discovery-selectors-unapplied": {
    worst: "warning",
    meaning: "discoverySelectors don't choose among what Galley serves.",
  },
  "start-order": {
    worst: "info",
    meaning: "istiod reads config sources at its start, and ends if Galley doesn't answer then.",
  },
  "tls-mode-plaintext": {
    worst: "error",
    meaning: "The TLS mode is not one that istiod has for config sources: it connects in plaintext.",
  },
  "tls-unsupported": {
    worst: "error",
    meaning: "TLS for config sources came with 1.26: an older istiod connects in plaintext.",
  },
  "tls-settings-unused": { worst: "warning", meaning: "TLS settings stand where istiod doesn't look at them." },
  "tls-client-certificate-ignored": {
    worst: "warning",
    meaning: "A client certificate is given, and never shown: no istiod has one for config sources.",
  },
  "tls-settings-conflict": { worst: "error", meaning: "TLS settings exclude each other: istiod ends at its start." },
  "tls-ca-not-inline": {
    worst: "error",
    meaning: "caCertificates is not the text of a certificate: istiod ends at its start.",
  },
  "tls-san-not-dns": {
    worst: "error",
    meaning: "subjectAltNames holds no DNS name, and only those are compared: istiod refuses Galley.",
  },
  "tls-sans-unchecked": {
    worst: "warning",
    meaning: "subjectAltNames is only compared where authorities are given too.",
  },
  "tls-not-verified": {
    worst: "warning",
    meaning: "istiod takes any certificate: whoever is in between can be Galley.",
  },
  "tls-system-authorities": {
    worst: "info",
    meaning: "Galley's certificate is verified with the authorities in istiod's image.",
  },
  plaintext: { worst: "warning", meaning: "Configuration goes in plaintext over a network." },
  unreachable: { worst: "error", meaning: "With --connect: nothing that istiod could talk to answers at the address." },
  reached: { worst: "info", meaning: "With --connect: a server of HTTP/2 answers at the address." },
  "release-unknown": { worst: "info", meaning: "Nothing tells the release of istiod; what depends on it says so." },
  "release-without-xds": { worst: "error", meaning: "istiod is of a release that doesn't know xds:// addresses." },
  "release-notes": { worst: "info", meaning: "What else is to be known of the release of istiod." },
  "deletes-ignored": { worst: "error", meaning: "istiod 1.7 and 1.8 keep what Galley no longer serves." },
  "responses-limited": { worst: "error", meaning: "istiod 1.8 hangs for ever at the twelfth response." },
  "message-cap": {
    worst: "warning",
    meaning: "istiod up to 1.11 takes no message over 4 MiB, and a message holds all resources of a kind.",
  },
  "message-too-large": {
    worst: "error",
    meaning: "A kind's resources make a message that istiod refuses, again and again.",
  },
  "responses-pinned": {
    worst: "warning",
    meaning: "istiod keeps the first hundred responses in memory as long as it lives.",
  },
  "kinds-not-asked": { worst: "warning", meaning: "Galley holds kinds that this istiod never asks for." },
  "wasm-plugins-unread": {
    worst: "info",
    meaning: "From 1.30 on istiod takes TrafficExtensions over xds://; Galley serves WasmPlugins as such.",
  },
  "revision-filter": { worst: "info", meaning: "Resources labelled for another revision are dropped by istiod." },
  "revision-mismatch": {
    worst: "warning",
    meaning: "Galley holds resources that this istiod drops for their revision.",
  },
  "held-back": {
    worst: "warning",
    meaning: "Galley holds back resources that istiod would drop without a word, such as those without a namespace.",
  },
  "configuration-errors": { worst: "warning", meaning: "Some documents aren't served as written." },
  "nothing-to-serve": { worst: "warning", meaning: "Galley holds nothing that istiod asks for." },
} as const;

export type FindingId = keyof typeof findingIds;
