import type { Clock } from "../../lib/clock.ts";
import type { LogFields, Logger, LogLevel } from "../../lib/logger.ts";
import type { LevelRules, LogThreshold } from "./levels.ts";
import { bounded, type LogSink } from "./record.ts";
import { RepeatFilter } from "./repeat-filter.ts";
import { ScopeLevels } from "./scope-levels.ts";

/** The log of a process: the logger that components are given, and the handles on it. */
export interface Log {
  /** The logger of the scope `default`. */
  readonly logger: Logger;
  /** Changes a scope's level from now on; `all` changes every scope. */
  setLevel(scope: string, threshold: LogThreshold): void;
  /** Records that could not be written since the start, by all targets together. */
  readonly lost: number;
  /** The levels that were set, `default` among them; every other scope follows. */
  levels(): LevelRules;
  /** Says what was held back, and resolves when everything is written. Later records are lost. */
  close(): Promise<void>;
}

/** What a log is made of. The log closes the sinks. */
export interface LogParts {
  readonly levels: LevelRules;
  readonly sinks: readonly LogSink[];
  readonly clock: Clock;
}

/** A log that writes to every sink. Logging never throws. */
export function createLog({ levels, sinks, clock }: LogParts): Log {
  const scopes = new ScopeLevels(levels);
  let open = true;
  const repeats = new RepeatFilter(clock, (record) => {
    for (const sink of sinks) sink.write(record);
  });

  function loggerOf(scope: string): Logger {
    const gate = scopes.gate(scope);
    const at =
      (level: LogLevel) =>
      (message: string, fields: LogFields = {}): void => {
        if (!open || !gate.admits(level)) return;
        repeats.write(bounded({ wallMs: clock.wall(), level, scope, message, fields }));
      };
    return {
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
      scope: (name) => loggerOf(scope === "default" ? name : `${scope}.${name}`),
    };
  }

  return {
    logger: loggerOf("default"),
    setLevel: (scope, threshold) => scopes.set(scope, threshold),
    get lost() {
      return sinks.reduce((sum, sink) => sum + sink.lost, 0);
    },
    levels: () => scopes.rules(),
    async close() {
      open = false;
      repeats.flush();
      await Promise.all(sinks.map((sink) => sink.close()));
    },
  };
}
