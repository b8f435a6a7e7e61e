import { writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Bench } from "./lib/bench.ts";
import { COLLECTION, filePath, fileText, writeCorpus } from "./lib/corpus.ts";
import { type Arrival, LoadSink } from "./lib/load-client.ts";
import { serve } from "./lib/process.ts";
import { quantile } from "./lib/statistics.ts";

const DOCUMENTS = 10_000;
const FILES = 10;
const ROUNDS = 20;

/** From the save of one document among many to the bytes at the first sink, full state. */
export const oneChange: Bench = {
  name: "one-change",
  about: "10,000 documents in 10 files, one changed: save → first sink, full state",
  async run(folder) {
    writeCorpus(folder, DOCUMENTS, FILES);
    const server = await serve(folder);
    let arrived: (arrival: Arrival) => void = () => undefined;
    const next = (): Promise<Arrival> =>
      new Promise((resolve) => {
        arrived = resolve;
      });
    const first = next();
    const sink = await connectWhenUp(server.address, (arrival) => arrived(arrival));
    await first;
    const delays: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await wait(300 + Math.random() * 200);
      const index = Math.floor(Math.random() * DOCUMENTS);
      const file = Math.floor(index / (DOCUMENTS / FILES));
      const text = fileText(file, DOCUMENTS / FILES, { index, revision: round });
      const change = next();
      const savedAt = performance.now();
      writeFileSync(filePath(folder, file), text);
      delays.push((await change).at - savedAt);
    }
    sink.close();
    await server.stop();
    const row = (what: string, value: number, target: string) => ({
      bench: "one-change",
      what,
      value,
      unit: "ms",
      target,
    });
    return [
      row(`save → first sink, median of ${ROUNDS}`, quantile(delays, 0.5), "≤ 100"),
      row("the slowest of them", quantile(delays, 1), "–"),
    ];
  },
};

/** Connects until the server answers; a full-state sink. */
export async function connectWhenUp(
  address: string,
  onPush: (arrival: Arrival) => void,
  incremental = false,
): Promise<LoadSink> {
  for (;;) {
    const sink = new LoadSink(address, COLLECTION, incremental, onPush);
    if (await sink.opened) return sink;
    await wait(20);
  }
}
