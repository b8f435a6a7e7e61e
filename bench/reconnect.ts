import { setTimeout as wait } from "node:timers/promises";
import type { Bench } from "./lib/bench.ts";
import { writeCorpus } from "./lib/corpus.ts";
import { LoadSink } from "./lib/load-client.ts";
import { COLLECTION } from "./lib/corpus.ts";
import { cpuMs, memoryMiB, serve } from "./lib/process.ts";
import { connectWhenUp } from "./one-change.ts";

const SINKS = 10_000;
const DOCUMENTS = 100;

/** Many sinks that come at the same moment, as after a restart: each on a connection of its own, for a small collection. */
export const reconnect: Bench = {
  name: "reconnect",
  about: "10,000 sinks connect at once, 100 documents each in full state: until the last one is answered",
  async run(folder) {
    writeCorpus(folder, DOCUMENTS, 1);
    const server = await serve(folder);
    const first = await connectWhenUp(server.address, () => undefined);
    first.close();
    await wait(500);
    const before = { cpu: cpuMs(server.pid), memory: memoryMiB(server.pid).now };
    const startedAt = performance.now();
    const sinks: LoadSink[] = [];
    let answered = 0;
    await new Promise<void>((resolve) => {
      for (let i = 0; i < SINKS; i++) {
        let isFirst = true;
        const onPush = (): void => {
          if (isFirst && ++answered === SINKS) resolve();
          isFirst = false;
        };
        sinks.push(new LoadSink(server.address, COLLECTION, true, onPush));
      }
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = cpuMs(server.pid) - before.cpu;
    await wait(2000);
    const memory = memoryMiB(server.pid).now - before.memory;
    for (const sink of sinks) sink.close();
    await server.stop();
    const row = (what: string, value: number, unit: string, target: string) => ({
      bench: "reconnect",
      what,
      value,
      unit,
      target,
    });
    return [
      row("all answered after", seconds, "s", "≤ 15"),
      row("CPU of the server", cpu / 1000, "s", "–"),
      row("memory of a connected sink", (memory * 1024) / SINKS, "KiB", "≤ 40"),
    ];
  },
};
