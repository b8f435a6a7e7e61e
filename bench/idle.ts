import { setTimeout as wait } from "node:timers/promises";
import { istioCollections } from "../src/model/registry.ts";
import type { ConnectPlan } from "./processes/load.ts";
import type { Bench, Row } from "./lib/bench.ts";
import { makeCredentials } from "./lib/credentials.ts";
import type { Pusher } from "./lib/fan-out.ts";
import { Fleet } from "./lib/fleet.ts";
import { bareHttp2, galley } from "./lib/pushers.ts";

const CONNECTIONS = 10_000;
const SUBSCRIPTIONS = 16;
const BYTES_EACH = 200;
const REST_MS = 20_000;

/** What connections cost in memory on which nothing happens. The floor has one stream a connection, and was pushed once. */
export const bench: Bench = {
  name: "idle",
  about: "10,000 connections with 16 subscriptions each, all answered and at rest",
  async run() {
    return [await measure("plaintext", false, "≤ 40"), await measure("mutual TLS", true, "≤ 80")];
  },
};

async function measure(name: string, encrypted: boolean, target: string): Promise<Row> {
  const credentials = encrypted ? makeCredentials() : undefined;
  const tls = credentials && { tls: credentials.server };
  const collections = istioCollections()
    .all.filter(({ snapshotGroup }) => snapshotGroup === "default")
    .slice(0, SUBSCRIPTIONS)
    .map((spec) => spec.name);
  const collection = collections[0]!;
  const plan = { incremental: true, windowBytes: 1024 * 1024, ...(credentials && { tls: credentials.sink }) };
  const ours = await galley({ collections, resources: 1, bytesEach: BYTES_EACH, ...tls });
  const value = await kibEach(ours, { ...plan, collections });
  const floor = await bareHttp2({ collection, bytes: BYTES_EACH, ...tls });
  const floorValue = await kibEach(floor, { ...plan, collections: [collection] });
  const compared = { name: "node:http2", value: floorValue };
  return { bench: "idle", what: `${name}: one connection`, value, unit: "KiB", target, floor: compared };
}

async function kibEach(server: Pusher, plan: Omit<ConnectPlan, "count" | "host" | "port">): Promise<number> {
  const fleet = new Fleet();
  try {
    await server.spent();
    const before = await server.spent();
    await fleet.connect(CONNECTIONS, { ...plan, port: server.port });
    await fleet.received();
    await wait(REST_MS);
    await server.spent();
    const after = await server.spent();
    return ((after.residentMiB - before.residentMiB) * 1024) / CONNECTIONS;
  } finally {
    await Promise.all([fleet.end(), server.end()]);
  }
}
