import { setTimeout as wait } from "node:timers/promises";
import type { Bench } from "./lib/bench.ts";
import { writeCorpus } from "./lib/corpus.ts";
import type { Arrival } from "./lib/load-client.ts";
import { cpuMs, memoryMiB, serve } from "./lib/process.ts";
import { connectWhenUp } from "./one-change.ts";

/** From the start of the process on a large folder to the first answer. */
export const coldStart: Bench = {
  name: "cold-start",
  about: "100,000 documents in 100 files: process start → first answer; memory afterwards",
  async run(folder) {
    writeCorpus(folder, 100_000, 100);
    const server = await serve(folder);
    let answered: (arrival: Arrival) => void = () => undefined;
    const first = new Promise<Arrival>((resolve) => {
      answered = resolve;
    });
    const sink = await connectWhenUp(server.address, (arrival) => answered(arrival));
    const answer = await first;
    const cpu = cpuMs(server.pid);
    await wait(3000);
    const memory = memoryMiB(server.pid);
    sink.close();
    await server.stop();
    const row = (what: string, value: number, unit: string, target: string) => ({
      bench: "cold-start",
      what,
      value,
      unit,
      target,
    });
    return [
      row("start → first answer", (answer.at - server.startedAt) / 1000, "s", "≤ 30"),
      row("CPU until then", cpu / 1000, "s", "–"),
      row("first answer", answer.bytes / 1e6, "MB", "–"),
      row("resident 3 s later", memory.now, "MiB", "≤ 500"),
      row("resident, highest", memory.peak, "MiB", "≤ 500"),
    ];
  },
};
