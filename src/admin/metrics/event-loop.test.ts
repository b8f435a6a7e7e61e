import { afterEach, expect, test, vi } from "vitest";

import { createMetrics } from "./create.ts";
import { lateness, measureEventLoop } from "./event-loop.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("the sampling interval itself is no delay", () => {
  expect(lateness({ percentile: () => 20.5e6 }, 50)).toBeCloseTo(0.0005);
  expect(lateness({ percentile: () => 511 }, 50)).toBe(0);
});

test("a reading says what the last full window was like, and stops changing once disposed", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const metrics = createMetrics({ version: "test", collections: [] });
  const set = vi.spyOn(metrics.eventLoopDelay.with("0.99"), "set");
  const measuring = measureEventLoop(metrics);
  expect(set).not.toHaveBeenCalled();
  expect(measuring.read()).toEqual({ median: 0, p99: 0, worst: 0 });
  vi.advanceTimersByTime(10_000);
  expect(set).toHaveBeenCalledTimes(1);
  expect(measuring.read().p99).toBe(set.mock.calls[0]![0]);
  measuring[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect(set).toHaveBeenCalledTimes(1);
});
