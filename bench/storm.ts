import type { Bench, Row } from "./lib/bench.ts";
import { COLLECTION } from "./lib/corpus.ts";
import { makeCredentials } from "./lib/credentials.ts";
import { Fleet } from "./lib/fleet.ts";
import { galley } from "./lib/pushers.ts";
import { sharedNow } from "./lib/remote.ts";
import { keptVersions } from "./lib/wire.ts";

const SINKS = 10_000;
const RESOURCES = 100;
const BYTES_EACH = 500;
/** Two, so that clients' handshakes have as much of the machine as the server's. */
const LOAD_PROCESSES = 2;

/** A server starts anew and all sinks come back at the same moment, each on a connection of its own. */
export const bench: Bench = {
  name: "storm",
  about: "restart: 10,000 sinks of 100 resources come back at once",
  async run() {
    return [
      ...(await measure("plaintext, deltas", { resumes: true, encrypted: false })),
      ...(await measure("mutual TLS, deltas", { resumes: true, encrypted: true })),
      ...(await measure("mutual TLS, full state", { resumes: false, encrypted: true })),
    ];
  },
};

async function measure(
  name: string,
  { resumes, encrypted }: { readonly resumes: boolean; readonly encrypted: boolean },
): Promise<readonly Row[]> {
  const credentials = encrypted ? makeCredentials() : undefined;
  const content = { collections: [COLLECTION], resources: RESOURCES, bytesEach: BYTES_EACH };
  // Versions are hashes of the content: what sinks hold of the server before is what this one serves.
  const server = await galley({ ...content, ...(credentials && { tls: credentials.server }) });
  const fleet = new Fleet(LOAD_PROCESSES);
  try {
    const kept = keptVersions(await server.remote.ask("versions", undefined)).toString("base64");
    await server.spent();
    const startedAt = sharedNow();
    await fleet.connect(SINKS, {
      port: server.port,
      collections: [COLLECTION],
      incremental: resumes,
      windowBytes: 1024 * 1024,
      ...(resumes && { kept }),
      ...(credentials && { tls: credentials.sink }),
    });
    const { last, bytes, failures } = await fleet.received();
    const spent = await server.spent();
    const row = (what: string, value: number, unit: string, target: string): Row => {
      return { bench: "storm", what: `${name}: ${what}`, value, unit, target };
    };
    const share = row("share of the full bytes", (bytes / (SINKS * RESOURCES * BYTES_EACH)) * 100, "%", "≤ 1");
    return [
      row("all synced after", (last - startedAt) / 1000, "s", "≤ 15"),
      ...(resumes ? [share] : []),
      row("CPU of the server", spent.cpuMs / 1000, "s", "–"),
      row("attempts turned away", failures, "", "–"),
      row("event loop delay, p99", spent.loopP99Ms, "ms", "≤ 20"),
    ];
  } finally {
    await Promise.all([fleet.end(), server.end()]);
  }
}
