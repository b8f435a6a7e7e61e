import type { Cancel, Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { refreshProbeFile, removeProbeFile } from "./probe-file.ts";

export interface ProbeFileOptions {
  /** What the file tells, for messages: `liveness` or `readiness`. */
  readonly name: string;
  readonly path: string;
  /** How old the file may become at most while all is well, milliseconds; it is refreshed twice as often. */
  readonly intervalMs: number;
  /** Why Galley isn't well, a phrase; `undefined` while it is. */
  readonly reason: () => string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The least time between two looks, milliseconds: a file system is not to be kept busy. */
const SHORTEST_PERIOD_MS = 50;

/**
 * Has a file exist and be fresh while all is well, and not exist while it isn't, nor once disposed: what an orchestrator
 * looks at that runs `galley probe`. A file that can't be written is logged once and tried again.
 */
export function keepProbeFile(options: ProbeFileOptions): AsyncDisposable {
  const keeper = new Keeper(options);
  keeper.look();
  return keeper;
}

class Keeper implements AsyncDisposable {
  readonly #options: ProbeFileOptions;
  #cancel: Cancel = () => undefined;
  #work: Promise<void> = Promise.resolve();
  #stopped = false;
  /** How Galley was at the last look; not to be well yet is no news. */
  #health: "not yet well" | "well" | "unwell" = "not yet well";
  /** What was wrong with the file at the last look. */
  #trouble: string | undefined;

  constructor(options: ProbeFileOptions) {
    this.#options = options;
  }

  /** Judges now, brings the file in line, and comes back. One look at a time, however slow the file system is. */
  look(): void {
    const { reason, clock, intervalMs } = this.#options;
    const why = reason();
    this.#tell(why);
    this.#work = why === undefined ? this.#refresh() : this.#remove();
    void this.#work.then(() => {
      if (this.#stopped) return;
      this.#cancel = clock.schedule(Math.max(SHORTEST_PERIOD_MS, intervalMs / 2), () => this.look());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancel();
    await this.#work;
    await this.#remove();
  }

  async #refresh(): Promise<void> {
    const { name, path, clock, log } = this.#options;
    const isFresh = await this.#try(() => refreshProbeFile(path, clock.wall()));
    // Only this shows that trouble is over: what is not there can be removed from anywhere.
    if (!isFresh || this.#trouble === undefined) return;
    log.info(`the ${name} probe file is kept again`, { path });
    this.#trouble = undefined;
  }

  async #remove(): Promise<void> {
    await this.#try(() => removeProbeFile(this.#options.path));
  }

  #tell(why: string | undefined): void {
    const { name, log } = this.#options;
    if (why === undefined) {
      if (this.#health === "unwell") log.info(`the ${name} probe succeeds again`);
      this.#health = "well";
    } else if (this.#health === "well") {
      log.error(`the ${name} probe fails from now on: ${why}`);
      this.#health = "unwell";
    }
  }

  /** Whether it worked; what did not is told once. */
  async #try(act: () => Promise<void>): Promise<boolean> {
    const { name, path, log } = this.#options;
    const trouble = await act().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (trouble !== undefined && trouble !== this.#trouble) {
      log.error(`the ${name} probe file can't be kept: ${trouble}; give another with --${name}-probe-path`, { path });
    }
    this.#trouble = trouble ?? this.#trouble;
    return trouble === undefined;
  }
}
