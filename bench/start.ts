import { join } from "node:path";
import type { Bench, Row } from "./lib/bench.ts";
import { writeCorpus } from "./lib/corpus.ts";
import type { Arrival } from "./lib/load-client.ts";
import { cpuMs, serve } from "./lib/process.ts";
import { Remote } from "./lib/remote.ts";
import { connectWhenUp } from "./one-change.ts";
import type { JsYamlAbilities } from "./processes/js-yaml.ts";

const DOCUMENTS = 100_000;
const FILES = 100;
/** The best of so many, taken in turns, counts on both sides: what others do on the machine only ever adds. */
const ROUNDS = 3;
/** The cache is filled a few seconds after a start. */
const FILLING_MS = 8000;

/** From the start of the process on a large folder to the first answer: with nothing to build on, and with a cache. */
export const bench: Bench = {
  name: "start",
  about: "100,000 documents of 500 bytes in 100 files: process start → first answer at a sink",
  async run(folder) {
    const corpus = join(folder, "corpus");
    const cache = join(folder, "cache");
    writeCorpus(corpus, DOCUMENTS, FILES);
    const row = (what: string, value: number, unit: string, target: string): Row => ({
      bench: "start",
      what,
      value,
      unit,
      target,
    });
    const compared = (what: string, value: number, target: string): Row => ({
      ...row(what, value, "s", target),
      floor: { name: "js-yaml", value: peer },
    });
    await start(corpus, [`--cache-dir=${cache}`], FILLING_MS);
    const peers: number[] = [];
    const colds: Started[] = [];
    const warms: Started[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      peers.push(await parseAll(corpus));
      colds.push(await start(corpus, []));
      warms.push(await start(corpus, [`--cache-dir=${cache}`]));
    }
    const peer = Math.min(...peers);
    const [cold, warm] = [best(colds), best(warms)];
    return [
      compared("cold, start → first answer", cold.seconds, "≤ 0.7×"),
      row("cold, CPU until then", cold.cpuSeconds, "s", "–"),
      compared("warm (--cache-dir), start → first answer", warm.seconds, "≤ 0.15×"),
      row("warm, CPU until then", warm.cpuSeconds, "s", "–"),
      row("first answer", cold.bytes / 1e6, "MB", "–"),
    ];
  },
};

interface Started {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly bytes: number;
}

function best(started: readonly Started[]): Started {
  return started.reduce((one, other) => (other.seconds < one.seconds ? other : one));
}

/** Starts a server, waits for its first answer, and stops it after `restMs` more. */
async function start(folder: string, flags: readonly string[], restMs = 0): Promise<Started> {
  const server = await serve(folder, flags);
  let answered: (arrival: Arrival) => void = () => undefined;
  const first = new Promise<Arrival>((resolve) => {
    answered = resolve;
  });
  const sink = await connectWhenUp(server.address, (arrival) => answered(arrival));
  const { at, bytes } = await first;
  const cpuSeconds = cpuMs(server.pid) / 1000;
  await new Promise((resolve) => setTimeout(resolve, restMs));
  sink.close();
  await server.stop();
  return { seconds: (at - server.startedAt) / 1000, cpuSeconds, bytes };
}

/** Seconds that js-yaml needs for the text of a folder, in a process of its own. */
async function parseAll(folder: string): Promise<number> {
  const remote = new Remote<JsYamlAbilities>(new URL("./processes/js-yaml.ts", import.meta.url));
  try {
    const { ms, documents } = await remote.ask("parse", folder);
    if (documents !== DOCUMENTS) throw new Error(`js-yaml found ${documents} documents`);
    return ms / 1000;
  } finally {
    await remote.end();
  }
}
