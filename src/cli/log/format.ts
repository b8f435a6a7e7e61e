import { escapeControls, escapedJson } from "../terminal/escape.ts";
import type { Colours } from "../terminal/colours.ts";
import type { LogRecord } from "./record.ts";

/** Makes one line of a record, without a line end. Nothing in it can start a second line or control a terminal. */
export type LogFormat = (record: LogRecord) => string;

const reserved: ReadonlySet<string> = new Set(["time", "level", "scope", "msg"]);

/** For a collector: the keys of Galley 1.3.6, and the fields beside them. A field that takes one of its keys gets a `_`. */
export const jsonFormat: LogFormat = ({ wallMs, level, scope, message, fields }) => {
  const record: Record<string, unknown> = { time: new Date(wallMs).toISOString(), level, scope, msg: message };
  for (const [key, value] of Object.entries(fields)) record[reserved.has(key) ? `${key}_` : key] = value;
  return escapedJson(record);
};

/** For a file that people read: tabs between the columns of Galley 1.3.6, in UTC. */
export const textFormat: LogFormat = (record) => {
  const scope = record.scope === "default" ? [] : [record.scope];
  return [
    new Date(record.wallMs).toISOString(),
    record.level,
    ...scope,
    escapeControls(record.message) + fieldsOf(record),
  ].join("\t");
};

/** For a terminal: local time, aligned columns, and colour where it is on. */
export function terminalFormat(paint: Colours): LogFormat {
  const levels = {
    debug: paint.dim("debug"),
    info: paint.cyan("info "),
    warn: paint.yellow("warn "),
    error: paint.red("error"),
  };
  return (record) => {
    const time = paint.dim(localTime(new Date(record.wallMs)));
    const message = escapeControls(record.message);
    return `${time} ${levels[record.level]} ${record.scope.padEnd(8)} ${message}${paint.dim(fieldsOf(record))}`;
  };
}

function fieldsOf({ fields }: LogRecord): string {
  let text = "";
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) text += ` ${escapeControls(key)}=${valueText(value)}`;
  }
  return text;
}

function valueText(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  return /^[^\s"=\p{Cc}]+$/u.test(value) ? escapeControls(value) : escapedJson(value);
}

function localTime(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const ms = String(time.getMilliseconds()).padStart(3, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${ms}`;
}
