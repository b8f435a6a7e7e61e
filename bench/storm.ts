import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./lib/bench.ts";
import { COLLECTION } from "./lib/corpus.ts";
import { makeCredentials } from "./lib/credentials.ts";
import type { Pusher } from "./lib/fan-out.ts";
import { Fleet } from "./lib/fleet.ts";
import type { Spent } from "./lib/gauge.ts";
import { bareHttp2, galley } from "./lib/pushers.ts";
import { sharedNow } from "./lib/remote.ts";
import { keptVersions } from "./lib/wire.ts";
import type { ConnectPlan, Reception } from "./processes/load.ts";

const SINKS = 10_000;
const RESOURCES = 100;
const BYTES_EACH = 500;
/** Two, so that clients' handshakes have as much of the machine as the server's. */
const LOAD_PROCESSES = 2;
/** A delta that says nothing new. */
const NO_NEWS_BYTES = 100;
/** Time for the server to see that all connections are gone. */
const CUT_MS = 3_000;

/** How the sinks of a storm come. */
interface Weather {
  readonly name: string;
  /** They hold versions, and all are current. */
  readonly resumes: boolean;
  readonly encrypted: boolean;
  /** Their connections were cut, the server went on: TLS sessions are resumed too. */
  readonly cut?: boolean;
}

/** What one storm came to. */
interface Storm {
  readonly seconds: number;
  readonly reception: Reception;
  readonly spent: Spent;
}

/** All sinks come back at the same moment, each on a connection of its own, to a server that starts anew. */
export const bench: Bench = {
  name: "storm",
  about: "restart: 10,000 sinks of 100 resources come back at once",
  async run() {
    return [
      ...(await measure({ name: "plaintext, deltas", resumes: true, encrypted: false })),
      ...(await measure({ name: "mutual TLS, deltas", resumes: true, encrypted: true })),
      ...(await measure({ name: "mutual TLS, deltas, after a cut", resumes: true, encrypted: true, cut: true })),
      ...(await measure({ name: "mutual TLS, full state", resumes: false, encrypted: true })),
    ];
  },
};

async function measure(weather: Weather): Promise<readonly Row[]> {
  const { name, resumes, encrypted } = weather;
  const credentials = encrypted ? makeCredentials() : undefined;
  const content = { collections: [COLLECTION], resources: RESOURCES, bytesEach: BYTES_EACH };
  // Versions are hashes of the content: what sinks hold of the server before is what this one serves.
  const server = await galley({ ...content, ...(credentials && { tls: credentials.server }) });
  const kept = keptVersions(await server.remote.ask("versions", undefined)).toString("base64");
  const plan = {
    collections: [COLLECTION],
    incremental: resumes,
    windowBytes: 1024 * 1024,
    ...(resumes && { kept }),
    ...(credentials && { tls: credentials.sink }),
  };
  const ours = await storm(server, plan, weather);
  const bytes = resumes ? NO_NEWS_BYTES : RESOURCES * BYTES_EACH;
  const bare = await storm(
    await bareHttp2({ collection: COLLECTION, bytes, ...(credentials && { tls: credentials.server }) }),
    plan,
    weather,
  );
  const row = (what: string, unit: string, target: string, read: (of: Storm) => number): Row => {
    const floor = { name: "node:http2", value: read(bare) };
    return { bench: "storm", what: `${name}: ${what}`, value: read(ours), unit, target, floor };
  };
  const own = (what: string, value: number, unit: string, target: string): Row => {
    return { bench: "storm", what: `${name}: ${what}`, value, unit, target };
  };
  const share = (ours.reception.bytes / (SINKS * RESOURCES * BYTES_EACH)) * 100;
  return [
    row("all synced after", "s", "≤ 15", ({ seconds }) => seconds),
    ...(resumes ? [own("share of the full bytes", share, "%", "≤ 1")] : []),
    row("CPU of the server", "s", "–", ({ spent }) => spent.cpuMs / 1000),
    own("attempts turned away", ours.reception.failures, "", "–"),
    row("event loop delay, p99", "ms", "≤ 20", ({ spent }) => spent.loopP99Ms),
  ];
}

/** One storm on a server, which is then ended. */
async function storm(
  server: Pusher,
  plan: Omit<ConnectPlan, "count" | "host" | "port">,
  weather: Weather,
): Promise<Storm> {
  const fleet = new Fleet(LOAD_PROCESSES);
  try {
    const arrive = async (): Promise<Storm> => {
      await server.spent();
      const startedAt = sharedNow();
      await fleet.connect(SINKS, { ...plan, port: server.port });
      const reception = await fleet.received();
      return { seconds: (reception.last - startedAt) / 1000, reception, spent: await server.spent() };
    };
    const first = await arrive();
    if (weather.cut !== true) return first;
    await fleet.leave();
    await wait(CUT_MS);
    return await arrive();
  } finally {
    await Promise.all([fleet.end(), server.end()]);
  }
}
