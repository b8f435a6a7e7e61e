import type { LogFields, LogLevel } from "../../lib/logger.ts";
import { shorten } from "../terminal/escape.ts";

/** One thing that was logged. */
export interface LogRecord {
  /** Milliseconds since the epoch. */
  readonly wallMs: number;
  readonly level: LogLevel;
  readonly scope: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Where records end up. Neither function ever throws. */
export interface LogSink {
  /** Records that could not be written since the start. */
  readonly lost: number;
  write(record: LogRecord): void;
  /** Resolves when all that was written has been handed on, or can't be. */
  close(): Promise<void>;
}

/** Says that records before this one were lost, in its place and time. */
export function lossBefore(record: LogRecord, lost: number): LogRecord {
  return { ...record, level: "warn", scope: "default", message: "log records were lost", fields: { lost } };
}

const longestMessage = 4_096;
const longestValue = 2_048;

/** The record with its texts cut to what a log can bear, for they may come from outside. */
export function bounded(record: LogRecord): LogRecord {
  const fields: Record<string, LogFields[string]> = {};
  for (const [key, value] of Object.entries(record.fields)) {
    fields[key] = typeof value === "string" ? shorten(value, longestValue) : value;
  }
  return { ...record, message: shorten(record.message, longestMessage), fields };
}
