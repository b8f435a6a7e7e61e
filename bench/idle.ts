import { setTimeout as wait } from "node:timers/promises";
import { istioCollections } from "../src/model/registry.ts";
import type { Bench, Row } from "./lib/bench.ts";
import { makeCredentials } from "./lib/credentials.ts";
import { Fleet } from "./lib/fleet.ts";
import { galley } from "./lib/pushers.ts";

const CONNECTIONS = 10_000;
const SUBSCRIPTIONS = 16;
const REST_MS = 1000;

/** What connections cost in memory on which nothing happens. */
export const bench: Bench = {
  name: "idle",
  about: "10,000 connections with 16 subscriptions each, all answered and at rest",
  async run() {
    return [await measure("plaintext", false, "≤ 40"), await measure("mutual TLS", true, "≤ 80")];
  },
};

async function measure(name: string, encrypted: boolean, target: string): Promise<Row> {
  const credentials = encrypted ? makeCredentials() : undefined;
  const collections = istioCollections()
    .all.filter(({ snapshotGroup }) => snapshotGroup === "default")
    .slice(0, SUBSCRIPTIONS)
    .map((spec) => spec.name);
  const content = { collections, resources: 1, bytesEach: 200 };
  const server = await galley({ ...content, ...(credentials && { tls: credentials.server }) });
  const fleet = new Fleet();
  try {
    const plan = { collections, incremental: true, windowBytes: 1024 * 1024, port: server.port };
    const secure = credentials && { tls: credentials.sink };
    await server.spent();
    const before = await server.spent();
    await fleet.connect(CONNECTIONS, { ...plan, ...secure });
    await fleet.received();
    await wait(REST_MS);
    await server.spent();
    const after = await server.spent();
    const grown = after.residentMiB - before.residentMiB;
    return { bench: "idle", what: `${name}: one connection`, value: (grown * 1024) / CONNECTIONS, unit: "KiB", target };
  } finally {
    await Promise.all([fleet.end(), server.end()]);
  }
}
