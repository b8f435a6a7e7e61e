import { type Rows, sources, tls, well } from "./cases.ts";

/** Which sources there are, and what their addresses say. */
export const sourceRows: Rows = {
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
};
