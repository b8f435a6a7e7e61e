import type { Bench, Row } from "./lib/bench.ts";
import { COLLECTION } from "./lib/corpus.ts";
import { comparing, measureFanOut } from "./lib/fan-out.ts";
import { bareHttp2, galley, grpcJs } from "./lib/pushers.ts";

const RESOURCES = 10_000;
const BYTES_EACH = 290;
const STREAMS = [100, 500];
const ROUNDS = 7;

/** One change pushed in full state to many streams, against the same bytes over bare `node:http2` and a grpc-js server. */
export const bench: Bench = {
  name: "fan-out-full",
  about: "one change among 10,000, 2.9 MB in full state to 100 and 500 streams",
  async run() {
    const plan = { collections: [COLLECTION], incremental: false, windowBytes: 4 * 1024 * 1024 };
    const rows: Row[] = [];
    for (const streams of STREAMS) {
      const content = { collections: [COLLECTION], resources: RESOURCES, bytesEach: BYTES_EACH };
      const ours = await measureFanOut(await galley(content), streams, plan, ROUNDS);
      const floor = await measureFanOut(
        await bareHttp2({ collection: COLLECTION, bytes: ours.pushBytes }),
        streams,
        plan,
        ROUNDS,
      );
      const peer = await measureFanOut(await grpcJs(COLLECTION, ours.pushBytes), streams, plan, ROUNDS);
      const row = comparing("fan-out-full", ours, floor);
      const theirs = comparing("fan-out-full", peer, floor);
      rows.push(
        row(`${streams} streams: CPU of the server`, "ms", "≤ 1.5×", ({ cpuMs }) => cpuMs),
        row(`${streams} streams: change → last byte`, "ms", "≤ 1.5×", ({ lastMs }) => lastMs),
        row(`${streams} streams: resident, highest`, "MiB", "flat", ({ peakMiB }) => peakMiB),
        row(`${streams} streams: event loop delay, p99`, "ms", "≤ 20", ({ loopP99Ms }) => loopP99Ms),
        theirs(`${streams} streams: CPU of a grpc-js server`, "ms", "–", ({ cpuMs }) => cpuMs),
        theirs(`${streams} streams: its resident, highest`, "MiB", "–", ({ peakMiB }) => peakMiB),
      );
    }
    return rows;
  },
};
