import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { OriginalGalley } from "../test/foreign/istio/original.ts";
import { buildIstio } from "../test/foreign/istio/programs.ts";
import type { Bench, Row } from "./lib/bench.ts";
import { filePath, fileText, writeCorpus } from "./lib/corpus.ts";
import { type Arrival, LoadSink } from "./lib/load-client.ts";
import { cpuMs, memoryMiB, serve } from "./lib/process.ts";
import { quantile } from "./lib/statistics.ts";
import { connectWhenUp } from "./one-change.ts";

const DOCUMENTS = 10_000;
const LONG_DOCUMENTS = 100_000;
const PER_FILE = 1000;
const CHANGES = 5;
/** The original lets a hundred streams in at once, and one a second from then on. */
const SINKS = 120;
const REST_MS = 3000;
const EMPTY_COLLECTION = "istio/networking/v1alpha3/gateways";

/** Istio's own Galley of 1.3, built from its sources, beside this one: the same folder, the same full-state sinks, the same machine. */
export const bench: Bench = {
  name: "original",
  about: `${DOCUMENTS} documents (--long: ${LONG_DOCUMENTS}): start, memory, one change, ${SINKS} sinks at once`,
  needs: "go",
  async run(folder, { long }) {
    const documents = long ? LONG_DOCUMENTS : DOCUMENTS;
    const { galley } = await buildIstio();
    const corpus = join(folder, "corpus");
    writeCorpus(corpus, documents, documents / PER_FILE);
    const theirs = await measure(corpus, documents, () => startOriginal(galley, corpus));
    const ours = await measure(corpus, documents, () => startOurs(corpus));
    const row = (what: string, unit: string, of: (figures: Figures) => number): Row => ({
      bench: "original",
      what,
      value: of(ours),
      unit,
      target: "–",
      floor: { name: "Galley 1.3", value: of(theirs) },
    });
    return [
      row(`${documents} documents: start → first answer`, "s", ({ startSeconds }) => startSeconds),
      row("CPU until then", "s", ({ startCpuSeconds }) => startCpuSeconds),
      row("resident after it", "MiB", ({ residentMiB }) => residentMiB),
      row("one change: save (and signal) → bytes, median", "ms", ({ changeMs }) => changeMs),
      row(`${SINKS} sinks at once: the last is answered`, "s", ({ lastSinkSeconds }) => lastSinkSeconds),
    ];
  },
};

interface Figures {
  readonly startSeconds: number;
  readonly startCpuSeconds: number;
  readonly residentMiB: number;
  readonly changeMs: number;
  readonly lastSinkSeconds: number;
}

/** A server under measurement. `reread` is for one that does not watch its folder. */
interface Peer extends AsyncDisposable {
  readonly pid: number;
  readonly address: string;
  readonly startedAt: number;
  reread(): void;
}

async function startOriginal(command: string, corpus: string): Promise<Peer> {
  const startedAt = performance.now();
  const galley = await OriginalGalley.start(command, corpus);
  const { pid } = galley.program;
  const { address } = galley;
  return {
    pid,
    address,
    startedAt,
    reread: () => galley.reread(),
    [Symbol.asyncDispose]: () => galley[Symbol.asyncDispose](),
  };
}

async function startOurs(corpus: string): Promise<Peer> {
  const served = await serve(corpus);
  return { ...served, reread: () => undefined, [Symbol.asyncDispose]: () => served.stop() };
}

async function measure(corpus: string, documents: number, start: () => Promise<Peer>): Promise<Figures> {
  await using peer = await start();
  const pushes = new Pushes();
  const first = pushes.next();
  const sink = await connectWhenUp(peer.address, (arrival) => pushes.arrived(arrival));
  const startSeconds = ((await first).at - peer.startedAt) / 1000;
  const startCpuSeconds = cpuMs(peer.pid) / 1000;
  await wait(REST_MS);
  const residentMiB = memoryMiB(peer.pid).now;
  const delays: number[] = [];
  for (let revision = 1; revision <= CHANGES; revision++) {
    const change = pushes.next();
    const index = Math.floor(Math.random() * documents);
    const file = Math.floor(index / PER_FILE);
    const text = fileText(file, PER_FILE, { index, revision });
    const savedAt = performance.now();
    writeFileSync(filePath(corpus, file), text);
    peer.reread();
    delays.push((await change).at - savedAt);
    await wait(REST_MS);
  }
  sink.close();
  const lastSinkSeconds = await connectMany(peer.address);
  return { startSeconds, startCpuSeconds, residentMiB, changeMs: quantile(delays, 0.5), lastSinkSeconds };
}

/** Seconds until the last of so many sinks, which come at the same moment for a collection that is empty, is answered. */
async function connectMany(address: string): Promise<number> {
  const startedAt = performance.now();
  const sinks: LoadSink[] = [];
  const answered = Array.from(
    { length: SINKS },
    () => new Promise<Arrival>((resolve) => sinks.push(new LoadSink(address, EMPTY_COLLECTION, false, resolve))),
  );
  const arrivals = await Promise.all(answered);
  for (const sink of sinks) sink.close();
  return (Math.max(...arrivals.map(({ at }) => at)) - startedAt) / 1000;
}

/** The pushes that a sink gets, one waited for at a time. */
class Pushes {
  #arrived: (arrival: Arrival) => void = () => undefined;

  next(): Promise<Arrival> {
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }

  arrived(arrival: Arrival): void {
    this.#arrived(arrival);
  }
}
