import { addTo, noSample } from "../configuration.ts";
import { gateways, type Rows, sources, well } from "./cases.ts";
import { holding } from "./examine-text.ts";

const labelled = holding(
  { Gateway: [2, 1000] },
  { revisions: new Map([["canary", addTo(noSample, "Gateway a/b (f:1)")]]) },
);

const heldBack = new Map([["no-namespace", addTo(noSample, "Gateway x (f:1): set metadata.namespace")]]);

/** What is there to be served. */
export const resourceRows: Rows = {
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
