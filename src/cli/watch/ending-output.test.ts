import { expect, test } from "vitest";
import { endingOutput } from "./ending-output.ts";

test("a write that fails ends the watch once, without a word to whoever wrote", () => {
  let [written, ends] = ["", 0];
  let failure: Error | undefined;
  const stream = {
    write(text: string): void {
      if (failure !== undefined) throw failure;
      written += text;
    },
  };
  const output = endingOutput(stream, () => ends++);
  output.write("a");
  expect(() => output.check()).not.toThrow();
  failure = new Error("no space left");
  output.write("b");
  output.write("c");
  failure = undefined;
  output.write("d");
  expect([written, ends]).toEqual(["a", 1]);
  expect(() => output.check()).toThrow("no space left");
});
