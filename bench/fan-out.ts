import { writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Bench } from "./lib/bench.ts";
import { filePath, fileText, writeCorpus } from "./lib/corpus.ts";
import type { Arrival, LoadSink } from "./lib/load-client.ts";
import { cpuMs, memoryMiB, serve } from "./lib/process.ts";
import { median } from "./lib/statistics.ts";
import { connectWhenUp } from "./one-change.ts";

const DOCUMENTS = 10_000;
const FILES = 10;
const SINKS = 100;
const ROUNDS = 5;

/** One change to many sinks that each take the whole collection. */
export const fanOut: Bench = {
  name: "fan-out",
  about: "100 sinks of 10,000 documents in full state: one change",
  async run(folder) {
    writeCorpus(folder, DOCUMENTS, FILES);
    const server = await serve(folder);
    const arrivals: Arrival[] = [];
    let wanted = SINKS;
    let all: () => void = () => undefined;
    const sinks: LoadSink[] = [];
    let round = new Promise<void>((resolve) => {
      all = resolve;
    });
    for (let i = 0; i < SINKS; i++) {
      sinks.push(
        await connectWhenUp(server.address, (arrival) => {
          arrivals.push(arrival);
          if (arrivals.length === wanted) all();
        }),
      );
    }
    await round;
    const costs: number[] = [];
    const firsts: number[] = [];
    const lasts: number[] = [];
    for (let revision = 1; revision <= ROUNDS; revision++) {
      await wait(500);
      arrivals.length = 0;
      wanted = SINKS;
      round = new Promise<void>((resolve) => {
        all = resolve;
      });
      const text = fileText(0, DOCUMENTS / FILES, { index: revision, revision });
      const cpu = cpuMs(server.pid);
      const savedAt = performance.now();
      writeFileSync(filePath(folder, 0), text);
      await round;
      const times = arrivals.map((arrival) => arrival.at - savedAt);
      firsts.push(Math.min(...times));
      lasts.push(Math.max(...times));
      await wait(300);
      costs.push(cpuMs(server.pid) - cpu);
    }
    const memory = memoryMiB(server.pid);
    for (const sink of sinks) sink.close();
    await server.stop();
    const row = (what: string, value: number, unit: string, target: string) => ({
      bench: "fan-out",
      what,
      value,
      unit,
      target,
    });
    return [
      row(`CPU of one change, median of ${ROUNDS}`, median(costs) / 1000, "s", "≤ 1"),
      row("save → first sink, median", median(firsts), "ms", "–"),
      row("save → last sink, median", median(lasts), "ms", "–"),
      row("one push", (arrivals[0]?.bytes ?? 0) / 1e6, "MB", "–"),
      row("resident, highest", memory.peak, "MiB", "–"),
    ];
  },
};
