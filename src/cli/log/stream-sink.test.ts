import { describe, expect, test } from "vitest";
import { eraseLine } from "../terminal/progress.ts";
import type { LogRecord } from "./record.ts";
import { streamSink } from "./stream-sink.ts";

const record: LogRecord = { wallMs: 0, level: "info", scope: "default", message: "m", fields: {} };
const format = ({ message, fields }: LogRecord): string => `${message}${JSON.stringify(fields)}`;

class FakeStream {
  readonly written: string[] = [];
  isTTY = false;
  writableLength = 0;
  failure: Error | undefined;
  #listeners: ((error: Error) => void)[] = [];

  write(text: string): void {
    if (this.failure !== undefined) throw this.failure;
    this.written.push(text);
  }

  on(_: "error", listener: (error: Error) => void): void {
    this.#listeners.push(listener);
  }

  fail(): void {
    for (const listener of this.#listeners) listener(new Error("EPIPE"));
  }
}

describe("a log on a stream", () => {
  test("is one line a record", () => {
    const stream = new FakeStream();
    streamSink(stream, format).write(record);
    expect(stream.written).toEqual(["m{}\n"]);
  });

  test("takes the place of a progress line on a terminal", () => {
    const stream = Object.assign(new FakeStream(), { isTTY: true });
    streamSink(stream, format).write(record);
    expect(stream.written).toEqual([`${eraseLine}m{}\n`]);
  });

  test("ends without an error when its reader goes away", () => {
    const stream = new FakeStream();
    const sink = streamSink(stream, format);
    stream.fail();
    sink.write(record);
    expect(stream.written).toEqual([]);
  });

  test("ends without an error when writing throws", () => {
    const stream = new FakeStream();
    const sink = streamSink(stream, format);
    stream.failure = new Error("EPIPE");
    sink.write(record);
    stream.failure = undefined;
    sink.write(record);
    expect(stream.written).toEqual([]);
  });

  test("loses records while its reader is too slow, and says how many", () => {
    const stream = new FakeStream();
    const sink = streamSink(stream, format);
    stream.writableLength = 5 * 1_048_576;
    sink.write(record);
    sink.write(record);
    stream.writableLength = 0;
    sink.write(record);
    expect(stream.written).toEqual(['log records were lost{"lost":2}\n', "m{}\n"]);
  });
});
