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

  fail(error = Object.assign(new Error("write EPIPE"), { code: "EPIPE" })): void {
    for (const listener of this.#listeners) listener(error);
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

  test("loses records while writing fails, says why once, and how many when it works again", () => {
    const stream = new FakeStream();
    const told: string[] = [];
    const sink = streamSink(stream, format, (why) => told.push(why));
    stream.failure = new Error("no space left");
    for (let i = 0; i < 3; i++) sink.write(record);
    expect([sink.lost, told, stream.written]).toEqual([3, ["no space left"], []]);
    stream.failure = undefined;
    sink.write(record);
    sink.write(record);
    expect(stream.written.join("")).toBe('log records were lost{"lost":3}\nm{}\nm{}\n');
    stream.failure = new Error("full again");
    sink.write(record);
    expect([sink.lost, told]).toEqual([4, ["no space left", "full again"]]);
  });

  test("counts what a stream that failed for good can't take, but nothing that nobody wants to read", () => {
    for (const [code, lost, reasons] of [
      ["EIO", 2, ["EIO"]],
      ["EPIPE", 0, []],
    ] as const) {
      const stream = new FakeStream();
      const told: string[] = [];
      const sink = streamSink(stream, format, (why) => told.push(why));
      stream.fail(Object.assign(new Error(code), { code }));
      sink.write(record);
      expect([sink.lost, told, stream.written]).toEqual([lost, reasons, []]);
    }
  });

  test("loses records while its reader is too slow, and says how many", () => {
    const stream = new FakeStream();
    const sink = streamSink(stream, format);
    stream.writableLength = 5 * 1_048_576;
    sink.write(record);
    sink.write(record);
    stream.writableLength = 0;
    sink.write(record);
    expect(stream.written.join("")).toBe('log records were lost{"lost":2}\nm{}\n');
  });
});
