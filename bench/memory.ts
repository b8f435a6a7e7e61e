import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./lib/bench.ts";
import { writeCorpus } from "./lib/corpus.ts";
import type { Arrival } from "./lib/load-client.ts";
import { memoryMiB, serve } from "./lib/process.ts";
import { connectWhenUp } from "./one-change.ts";

/** After this long without anything to do the collector has had its chance. */
const IDLE_MS = 20_000;
const MB_PER_MIB = 1.048_576;

/** What a server that has answered its first sink holds in memory, and then does nothing. */
export const bench: Bench = {
  name: "memory",
  about: "100,000 documents in 100 files, one full-state sink served, then idle: resident memory",
  async run(folder) {
    writeCorpus(folder, 100_000, 100);
    const server = await serve(folder);
    let answered: (arrival: Arrival) => void = () => undefined;
    const first = new Promise<Arrival>((resolve) => {
      answered = resolve;
    });
    const sink = await connectWhenUp(server.address, (arrival) => answered(arrival));
    const wireMB = (await first).bytes / 1e6;
    await wait(IDLE_MS);
    const memory = memoryMiB(server.pid);
    sink.close();
    await server.stop();
    const row = (what: string, mib: number, target: string): Row => ({
      bench: "memory",
      what,
      value: mib * MB_PER_MIB,
      unit: "MB",
      target,
      floor: { name: "on the wire", value: wireMB },
    });
    return [
      row(`resident, idle for ${IDLE_MS / 1000} s`, memory.now, "≤ 250 MB"),
      row("resident, highest", memory.peak, "–"),
    ];
  },
};
