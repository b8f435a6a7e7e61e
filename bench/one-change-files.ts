import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./lib/bench.ts";
import { filePath, fileText, writeCorpus } from "./lib/corpus.ts";
import type { Arrival } from "./lib/load-client.ts";
import { serve } from "./lib/process.ts";
import { quantile } from "./lib/statistics.ts";
import { connectWhenUp } from "./one-change.ts";

const PER_FILE = 1000;
const FILES = 100;
const ROUNDS = 100;
const LONG_ROUNDS = 500;

/** From the save of one document among many to its bytes at a sink that takes deltas. */
export const bench: Bench = {
  name: "one-change-files",
  about:
    "one document of 100,000 is saved, in a file of 1,000 or in its own → bytes at a delta sink; the same of 1,000",
  async run(folder, { long }) {
    const rounds = long ? LONG_ROUNDS : ROUNDS;
    const many = await measure(join(folder, "many"), FILES, rounds);
    const few = await measure(join(folder, "few"), 1, rounds);
    const row = (what: string, value: number, target: string, floor: Row["floor"]): Row => ({
      bench: "one-change-files",
      what,
      value,
      unit: "ms",
      target,
      ...(floor === undefined ? {} : { floor }),
    });
    const rows = (["shared", "own"] as const).flatMap((which) => {
      const name = which === "shared" ? "in a file of 1,000" : "in its own file";
      const { delays, readMs } = many[which];
      const p50 = quantile(delays, 0.5);
      return [
        row(`${name}, p50`, p50, "≤ 50 ms", { name: "read + hash", value: readMs }),
        row(`${name}, p99`, quantile(delays, 0.99), "≤ 100 ms", { name: "read + hash", value: readMs }),
        row(`${name}, p50 against 1,000 documents`, p50, "≤ 1.2×", {
          name: "of 1,000",
          value: quantile(few[which].delays, 0.5),
        }),
      ];
    });
    return rows;
  },
};

interface Measured {
  readonly delays: readonly number[];
  /** Reading and hashing the file that is saved, median. */
  readonly readMs: number;
}

/** Saves documents in turn in a file that they share and in one of their own, as fast as answers come and rests allow. */
async function measure(
  folder: string,
  files: number,
  rounds: number,
): Promise<Readonly<Record<"shared" | "own", Measured>>> {
  const documents = files * PER_FILE;
  writeCorpus(folder, documents, files);
  const ownPath = join(folder, "zz-own.yaml");
  writeFileSync(ownPath, fileText(documents, 1));
  const server = await serve(folder);
  let arrived: (arrival: Arrival) => void = () => undefined;
  const next = (): Promise<Arrival> =>
    new Promise((resolve) => {
      arrived = resolve;
    });
  const first = next();
  const sink = await connectWhenUp(server.address, (arrival) => arrived(arrival), true);
  await first;
  const save = async (path: string, text: string): Promise<number> => {
    await wait(100 + Math.random() * 200);
    const change = next();
    const savedAt = performance.now();
    writeFileSync(path, text);
    return (await change).at - savedAt;
  };
  const shared: number[] = [];
  const own: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    const index = Math.floor(Math.random() * documents);
    const file = Math.floor(index / PER_FILE);
    shared.push(await save(filePath(folder, file), fileText(file, PER_FILE, { index, revision: round })));
    own.push(await save(ownPath, fileText(documents, 1, { index: documents, revision: round })));
  }
  sink.close();
  await server.stop();
  return {
    shared: { delays: shared, readMs: readAndHash(filePath(folder, 0)) },
    own: { delays: own, readMs: readAndHash(ownPath) },
  };
}

/** Milliseconds to read a file and hash it, median. */
function readAndHash(path: string): number {
  const times = Array.from({ length: 50 }, () => {
    const startMs = performance.now();
    createHash("sha256").update(readFileSync(path)).digest();
    return performance.now() - startMs;
  });
  return quantile(times, 0.5);
}
