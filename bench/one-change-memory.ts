import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Bench, Row } from "./lib/bench.ts";
import { shipped } from "./lib/pushers.ts";
import { Remote, sharedNow } from "./lib/remote.ts";
import { quantile } from "./lib/statistics.ts";
import { connectWhenUp } from "./one-change.ts";
import type { MemorySourceAbilities } from "./processes/memory-source.ts";

const DOCUMENTS = 100_000;
const ROUNDS = 300;
const LONG_ROUNDS = 3000;
/** About the size of a push of one document. */
const ECHO_BYTES = 400;

/** From a change made by code, among many, to its bytes at a sink that takes deltas. */
export const bench: Bench = {
  name: "one-change-memory",
  about: "code sets one document of 100,000 in a memory source → bytes at a delta sink",
  async run(_folder, { long }) {
    const rounds = long ? LONG_ROUNDS : ROUNDS;
    const remote = new Remote<MemorySourceAbilities>(new URL("./processes/memory-source.ts", import.meta.url), [
      shipped,
    ]);
    try {
      const delays = await changes(remote, rounds);
      const trips = await roundTrips(await remote.ask("echo", undefined), rounds);
      const row = (what: string, q: number, target: string): Row => ({
        bench: "one-change-memory",
        what,
        value: quantile(delays, q),
        unit: "ms",
        target,
        floor: { name: "loopback", value: quantile(trips, q) },
      });
      return [row("event → bytes, p50", 0.5, "–"), row("event → bytes, p99", 0.99, "≤ 5 ms")];
    } finally {
      await remote.end();
    }
  },
};

/** Milliseconds from each of so many lone changes to its bytes. */
async function changes(remote: Remote<MemorySourceAbilities>, rounds: number): Promise<readonly number[]> {
  const port = await remote.ask("serve", DOCUMENTS);
  let arrived: (at: number) => void = () => undefined;
  const next = (): Promise<number> =>
    new Promise((resolve) => {
      arrived = resolve;
    });
  const first = next();
  const sink = await connectWhenUp(`127.0.0.1:${port}`, () => arrived(sharedNow()), true);
  await first;
  const delays: number[] = [];
  for (let revision = 1; revision <= rounds; revision++) {
    await wait(20 + Math.random() * 20);
    const arrival = next();
    const changedAt = await remote.ask("change", { index: Math.floor(Math.random() * DOCUMENTS), revision });
    delays.push((await arrival) - changedAt);
  }
  sink.close();
  return delays;
}

/** Milliseconds that so many round trips over loopback took. */
async function roundTrips(port: number, rounds: number): Promise<readonly number[]> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const trips: number[] = [];
  for (let i = 0; i < rounds; i++) {
    await wait(5);
    const startedAt = sharedNow();
    socket.write(Buffer.alloc(ECHO_BYTES));
    for (let got = 0; got < ECHO_BYTES;) got += ((await once(socket, "data")) as [Buffer])[0].length;
    trips.push(sharedNow() - startedAt);
  }
  socket.destroy();
  return trips;
}
