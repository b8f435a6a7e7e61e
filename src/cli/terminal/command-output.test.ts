import { describe, expect, test } from "vitest";
import { commandOutput, remarksOutput } from "./command-output.ts";

class FakeStream {
  written = "";
  failure: Error | undefined;
  #listeners: ((error: Error) => void)[] = [];

  write(text: string): void {
    if (this.failure !== undefined) throw this.failure;
    this.written += text;
  }

  on(_: "error", listener: (error: Error) => void): void {
    this.#listeners.push(listener);
  }

  fail(code: string): void {
    for (const listener of this.#listeners) listener(Object.assign(new Error(`write ${code}`), { code }));
  }
}

describe("the output of a command", () => {
  test("that can't be written is an error, and stays one", () => {
    const stream = new FakeStream();
    const output = commandOutput(stream);
    output.write("a");
    stream.failure = new Error("no space left");
    expect(() => output.write("b")).toThrow("the output can't be written: no space left");
    stream.failure = undefined;
    expect(() => output.write("c")).toThrow("no space left");
    expect(() => output.check()).toThrow("no space left");
    expect(stream.written).toBe("a");
  });

  test("that fails by an event is an error of whatever comes next", () => {
    const stream = new FakeStream();
    const output = commandOutput(stream);
    output.write("a");
    stream.fail("EIO");
    expect(() => output.check()).toThrow(expect.objectContaining({ code: "GLY_OUTPUT" }));
    expect(() => output.write("b")).toThrow("write EIO");
  });

  test("whose reader is gone is none, whatever else then fails", () => {
    const stream = new FakeStream();
    const output = commandOutput(stream);
    output.write("a");
    stream.fail("EPIPE");
    stream.fail("ERR_STREAM_DESTROYED");
    expect(() => output.write("b")).not.toThrow();
    expect(() => output.check()).not.toThrow();
  });

  test("is not blamed for what somebody else wrote to the same stream", () => {
    const stream = new FakeStream();
    const output = commandOutput(stream);
    stream.fail("EIO");
    expect(() => output.check()).not.toThrow();
  });
});

test("words about the work are lost where they can't be written", () => {
  const stream = new FakeStream();
  const output = remarksOutput(stream);
  stream.failure = new Error("no space left");
  expect(() => output.write("a")).not.toThrow();
  expect(() => stream.fail("EIO")).not.toThrow();
  stream.failure = undefined;
  output.write("b");
  expect(stream.written).toBe("b");
});
