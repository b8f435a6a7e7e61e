import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./lib/bench.ts";
import { COLLECTION } from "./lib/corpus.ts";
import { makeCredentials } from "./lib/credentials.ts";
import { Fleet } from "./lib/fleet.ts";
import { galley } from "./lib/pushers.ts";

const SINKS = 60;
const STALLED = 50;
/** What the source may send ahead: much, so that flow control doesn't hide what the server would queue. */
const WINDOW_BYTES = 16 * 1024 * 1024;
/** Time for a push to get as far as it can, ms. */
const REST_MS = 150;

interface Case {
  readonly name: string;
  /** Of 290 bytes each. What a system takes ahead of a peer that doesn't read is some 4 MB: more gets stuck in the server. */
  readonly resources: number;
  readonly incremental: boolean;
  readonly encrypted: boolean;
}

const cases: readonly Case[] = [
  { name: "2.9 MB in full, plaintext", resources: 10_000, incremental: false, encrypted: false },
  { name: "2.9 MB in full, TLS", resources: 10_000, incremental: false, encrypted: true },
  { name: "12 MB in full, plaintext", resources: 40_000, incremental: false, encrypted: false },
  { name: "12 MB in full, TLS", resources: 40_000, incremental: false, encrypted: true },
  { name: "deltas of 300 B, plaintext", resources: 10_000, incremental: true, encrypted: false },
  { name: "deltas of 300 B, TLS", resources: 10_000, incremental: true, encrypted: true },
];

/** Memory that a sink costs which stops to read in the middle of a push, beyond what it cost before. */
export const bench: Bench = {
  name: "stalled",
  about: "50 sinks stop to read, each at a version of its own: what the server keeps for one",
  async run() {
    const rows: Row[] = [];
    for (const one of cases) rows.push(await measure(one));
    return rows;
  },
};

async function measure({ name, resources, incremental, encrypted }: Case): Promise<Row> {
  const credentials = encrypted ? makeCredentials() : undefined;
  const content = { collections: [COLLECTION], resources, bytesEach: 290 };
  const server = await galley({ ...content, ...(credentials && { tls: credentials.server }) });
  const fleet = new Fleet();
  try {
    const plan = { collections: [COLLECTION], incremental, windowBytes: WINDOW_BYTES, port: server.port };
    await fleet.connect(SINKS, { ...plan, ...(credentials && { tls: credentials.sink }) });
    await fleet.received();
    // Two changes first, so that all that is made once is there.
    for (let i = 0; i < 2; i++) {
      await server.push();
      await wait(REST_MS);
    }
    await server.spent();
    const before = await server.spent();
    for (let stalled = 1; stalled <= STALLED; stalled++) {
      await fleet.stall(stalled);
      await server.push();
      await wait(REST_MS);
    }
    await server.spent();
    const after = await server.spent();
    return {
      bench: "stalled",
      what: `${name}: memory of one`,
      value: ((after.liveMiB - before.liveMiB) * 1024) / STALLED,
      unit: "KiB",
      target: "≤ 64",
    };
  } finally {
    await Promise.all([fleet.end(), server.end()]);
  }
}
