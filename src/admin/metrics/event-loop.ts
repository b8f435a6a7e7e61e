import { monitorEventLoopDelay } from "node:perf_hooks";

import type { MetricFamilies } from "./create.ts";

const RESOLUTION_MS = 20;
const WINDOW_MS = 10_000;
const NS_PER_MS = 1e6;
const NS_PER_S = 1e9;

/** What a window says of the loop; seconds. Node counts its own sampling interval as delay, so that is taken off. */
export function lateness(histogram: { percentile(percent: number): number }, percent: number): number {
  return Math.max(0, histogram.percentile(percent) - RESOLUTION_MS * NS_PER_MS) / NS_PER_S;
}

/** How late the event loop ran in a window, seconds: at the median, in one case of a hundred, at worst. */
interface EventLoopDelay {
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
}

/** A measurement that goes on until it is disposed of. */
export interface EventLoopMeter extends Disposable {
  /** The last full window; the one that began with the process until there is one. */
  read(): EventLoopDelay;
}

/**
 * Measures how late the event loop runs, in windows of 10 s: a reader gets the last full window, so several readers don't
 * take each other's samples away. Keeps no process alive; disposing ends it.
 */
export function measureEventLoop(metrics: Pick<MetricFamilies, "eventLoopDelay">): EventLoopMeter {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const look = (): EventLoopDelay => ({
    median: lateness(histogram, 50),
    p99: lateness(histogram, 99),
    worst: lateness(histogram, 100),
  });
  let last: EventLoopDelay | undefined;
  const timer = setInterval(() => {
    last = look();
    metrics.eventLoopDelay.with("0.5").set(last.median);
    metrics.eventLoopDelay.with("0.99").set(last.p99);
    metrics.eventLoopDelay.with("1").set(last.worst);
    histogram.reset();
  }, WINDOW_MS);
  timer.unref();
  return {
    read: () => last ?? look(),
    [Symbol.dispose]() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
