import { systemClock } from "../../lib/clock.ts";
import type { CommandContext } from "../command/command.ts";
import { exitStatus } from "../errors/print.ts";
import { interrupted } from "../interrupted.ts";
import type { ServerOptions } from "../options/table.ts";
import { colours } from "../terminal/colours.ts";
import { progressLine } from "../terminal/progress.ts";
import { banner } from "./banner.ts";
import { collectWhenCalm } from "./collect-when-calm.ts";
import { loadRest } from "./load-rest.ts";
import { keepYoungGenerationSmall } from "./young-generation.ts";

/** After the first snapshot, sinks have been sent their first answers by this time, milliseconds. */
const CALM_MS = 5000;

/** What `galley server` does. */
export async function runServer({ settings, io, env, log }: CommandContext<ServerOptions>): Promise<number> {
  using stop = interrupted();
  const letGrow = keepYoungGenerationSmall();
  // Loading all that serves is much of what is there to stay.
  const { serve } = await import("./serve.ts");
  if (stop.signal.aborted) {
    log.logger.info("stopped before anything was served");
    return exitStatus.ok;
  }
  const line = progressLine(io.stderr, systemClock);
  let becomeReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
    stop.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const running = await serve({
    settings,
    env,
    log,
    clock: systemClock,
    progress: (source, done, total, unit) => line.update(`reading ${source}: ${done} of ${total} ${unit}`),
    onReady: () => {
      setTimeout(() => {
        letGrow();
        void loadRest().then(collectWhenCalm);
      }, CALM_MS).unref();
      becomeReady();
    },
  });
  // The banner waits until there is something to serve; until then this is where to look for the reason.
  const { address, xds, monitoringUrl, introspectionUrl } = running;
  const more = xds === undefined ? {} : { xds: xds.address };
  log.logger.info("listening", { address, ...more, monitoring: monitoringUrl, introspection: introspectionUrl });
  const rescan = (): void => running.rescan();
  process.on("SIGUSR1", rescan);
  try {
    await ready;
    line.clear();
    if (!stop.signal.aborted) io.stderr.write(banner(running, settings.values, colours(io.stderr, env)));
    await aborted(stop.signal);
    log.logger.info("stopping: streams end with UNAVAILABLE, sinks come back by themselves");
  } finally {
    process.removeListener("SIGUSR1", rescan);
    await running[Symbol.asyncDispose]();
  }
  log.logger.info("stopped");
  return exitStatus.ok;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
