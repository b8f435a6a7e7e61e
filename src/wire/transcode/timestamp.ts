import type { Encoding } from "./encoding.ts";

/** Seconds and nanoseconds, both of one sign; of an instant, since 1970. */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/** An instant in RFC 3339, with any offset, in the years 1 to 9999. */
export function readTimestamp(out: Encoding, value: unknown): Instant | undefined {
  if (typeof value !== "string")
    return out.wrongType("a time", value, 'write it as a text such as "2020-01-31T12:00:00Z"');
  return parseTimestamp(value) ?? out.badValue('must be a time such as "2020-01-31T12:00:00Z", in the years 1 to 9999');
}

/** The instant that a text in RFC 3339 names; `undefined` when it names none that protobuf can hold. */
export function parseTimestamp(text: string): Instant | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59 || part(9) > 23 || part(10) > 59) return undefined;
  const date = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  const offset = (part(9) * 3600 + part(10) * 60) * (match[8] === "-" ? -1 : 1);
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  if (seconds < firstSecond || seconds > lastSecond) return undefined;
  return { seconds, nanos: Number((match[7] ?? "").padEnd(9, "0")) };
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
