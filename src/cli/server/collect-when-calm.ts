import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How often it is asked whether all is calm, milliseconds. */
const ASK_MS = 1000;

/** The share of a second that a calm process is busy, at the most. */
const CALM = 0.05;

/**
 * Collects all garbage once, after the first second that has nothing else to do. What reading everything leaves behind is some
 * 40 MB where there are 100,000 documents; the engine collects it when it needs the room, which a process that rests never does.
 * It takes some 50 ms there, in which nobody is served.
 */
export function collectWhenCalm(): void {
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    if (utilization > CALM) return;
    clearInterval(timer);
    collect();
  }, ASK_MS);
  timer.unref();
}

/** The engine shows its collector only to contexts that are made after it was told to. */
function collect(): void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as (() => void) | undefined;
  setFlagsFromString("--no-expose-gc");
  gc?.();
}
