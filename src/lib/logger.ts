export type LogLevel = "debug" | "info" | "warn" | "error";

/** Structured fields of a record; values are rendered by the sink of the log, never by the caller. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** What every component logs through. Components never write to stdout themselves. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log under a narrower scope, such as `mcp` or `source`. */
  scope(name: string): Logger;
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  scope: () => silentLogger,
};
