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

/**
 * Measures how late the event loop runs, in windows of 10 s: a reader gets the last full window, so several readers don't
 * take each other's samples away. Keeps no process alive; disposing ends it.
 */
export function measureEventLoop(metrics: Pick<MetricFamilies, "eventLoopDelay">): Disposable {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const timer = setInterval(() => {
    metrics.eventLoopDelay.with("0.5").set(lateness(histogram, 50));
    metrics.eventLoopDelay.with("0.99").set(lateness(histogram, 99));
    metrics.eventLoopDelay.with("1").set(lateness(histogram, 100));
    histogram.reset();
  }, WINDOW_MS);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
