import type { Bench } from "./lib/bench.ts";
import { COLLECTION } from "./lib/corpus.ts";
import { comparing, measureFanOut } from "./lib/fan-out.ts";
import { bareHttp2, galley } from "./lib/pushers.ts";

const CONNECTIONS = 10_000;
const RESOURCES = 10;
const BYTES_EACH = 950;
const ROUNDS = 7;

/** One small change pushed as a delta to very many connections, until the last answer, against bare `node:http2`. */
export const bench: Bench = {
  name: "fan-out-delta",
  about: "one change, 1 KB as a delta to 10,000 connections",
  async run() {
    const content = { collections: [COLLECTION], resources: RESOURCES, bytesEach: BYTES_EACH };
    const plan = { collections: [COLLECTION], incremental: true, windowBytes: 65_535 * 2 };
    const ours = await measureFanOut(await galley(content), CONNECTIONS, plan, ROUNDS);
    const floor = await measureFanOut(
      await bareHttp2({ collection: COLLECTION, bytes: ours.pushBytes }),
      CONNECTIONS,
      plan,
      ROUNDS,
    );
    const row = comparing("fan-out-delta", ours, floor);
    return [
      row("CPU of the server", "ms", "≤ 1.5×", ({ cpuMs }) => cpuMs),
      row("change → last byte at a sink", "ms", "≤ 1.5×", ({ lastMs }) => lastMs),
      row("change → last ACK at the server", "ms", "≤ 1.5×", ({ answeredMs }) => answeredMs),
      row("event loop delay, p99", "ms", "≤ 20", ({ loopP99Ms }) => loopP99Ms),
    ];
  },
};
