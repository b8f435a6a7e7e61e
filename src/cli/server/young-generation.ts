import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Both halves together, bytes. In less, what stays is moved too often; more gains nothing. */
const ENOUGH_BYTES = 2 * 4 * 1024 * 1024;

/**
 * Has the engine's young generation grow no further than to two halves of 4 MiB, until the function that is returned is called.
 *
 * While everything is read for the first time, nearly all that is made is there to stay. The engine takes that for a reason
 * to let the young generation grow to two halves of 16 MiB, which spares it nothing, since what stays is moved out of there all
 * the same, and which it keeps for good. V8 reads this setting each time that it considers to grow; a version that doesn't
 * know it takes no notice.
 */
export function keepYoungGenerationSmall(): () => void {
  const stop = (): void => {
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
    if (space === undefined || space.space_size < ENOUGH_BYTES) return;
    observer.disconnect();
    setFlagsFromString("--semi-space-growth-factor=1");
  };
  const observer = new PerformanceObserver(stop);
  observer.observe({ entryTypes: ["gc"] });
  stop();
  return () => {
    observer.disconnect();
    setFlagsFromString("--semi-space-growth-factor=2");
  };
}
