import { gateways, MIB, type Rows, sources, well } from "./cases.ts";
import { holding } from "./examine-text.ts";

/** What the release of istiod makes of it, and of what size. */
export const releaseRows: Rows = {
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
};
