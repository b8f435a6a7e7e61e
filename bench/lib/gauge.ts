import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as wait } from "node:timers/promises";
import { sharedNow } from "./remote.ts";

/** What a server process spent since it was asked the last time. */
export interface Spent {
  readonly cpuMs: number;
  /** Resident memory now, MiB, after the garbage is gone where the process can collect it. */
  readonly residentMiB: number;
  /** Memory that is in use, after the garbage is gone: the heap and what it holds outside, TLS included, MiB. */
  readonly liveMiB: number;
  /** The highest it has ever been, MiB. */
  readonly peakMiB: number;
  /** Delay of the event loop, the 99th of a hundred, ms. */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  /** When a message came for the last time, on the shared clock. */
  readonly heardAt: number;
}

const RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;
const BYTES_PER_MIB = 1024 * 1024;

/** Measures the process that it lives in. */
export class Gauge {
  readonly #loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu = process.cpuUsage();
  #heardAt = 0;

  constructor() {
    this.#loop.enable();
  }

  /** A message came. */
  heard(): void {
    this.#heardAt = sharedNow();
  }

  /** What was spent since the last call, and begins anew; what measuring itself costs is left out. */
  async take(): Promise<Spent> {
    const { user, system } = process.cpuUsage(this.#cpu);
    const [loopP99Ms, loopMaxMs] = [this.#lateMs(this.#loop.percentile(99)), this.#lateMs(this.#loop.max)];
    globalThis.gc?.();
    await wait(RESOLUTION_MS * 4);
    const { heapUsed, external } = process.memoryUsage();
    const spent = {
      cpuMs: (user + system) / 1000,
      residentMiB: process.memoryUsage.rss() / BYTES_PER_MIB,
      liveMiB: (heapUsed + external) / BYTES_PER_MIB,
      peakMiB: process.resourceUsage().maxRSS / 1024,
      loopP99Ms,
      loopMaxMs,
      heardAt: this.#heardAt,
    };
    this.#loop.reset();
    this.#cpu = process.cpuUsage();
    return spent;
  }

  // Node counts its own sampling interval as delay.
  #lateMs(ns: number): number {
    return Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
  }
}
