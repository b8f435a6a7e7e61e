import { keepProbeFile } from "../../admin/probes/keep-probe-file.ts";
import type { AsyncStack } from "../../lib/async-stack.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { ServerValues } from "../options/table.ts";

export interface ProbeFilesDeps {
  readonly values: ServerValues;
  /** What keeps the server from being ready. */
  readonly missing: () => readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Keeps the probe files that the settings name, until the stack is closed. */
export function keepProbeFiles({ values, missing, clock, log }: ProbeFilesDeps, stack: AsyncStack): void {
  const probes = [
    // Whoever runs is alive.
    ["liveness", values.livenessProbePath, values.livenessProbeInterval, () => undefined],
    ["readiness", values.readinessProbePath, values.readinessProbeInterval, () => missing().join("; ") || undefined],
  ] as const;
  for (const [name, path, intervalMs, reason] of probes) {
    if (path !== "" && intervalMs > 0) stack.use(keepProbeFile({ name, path, intervalMs, reason, clock, log }));
  }
}
