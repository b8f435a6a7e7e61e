import { expect, test } from "vitest";
import { AsyncStack, opening } from "./async-stack.ts";

function noting(closed: string[], name: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await Promise.resolve();
      closed.push(name);
    },
  };
}

test("what was opened last is closed first, each thing once", async () => {
  const closed: string[] = [];
  const stack = new AsyncStack();
  const first = noting(closed, "first");
  expect(stack.use(first)).toBe(first);
  stack.defer(() => void closed.push("second"));
  stack.use(noting(closed, "third"));
  await stack[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  expect(closed).toEqual(["third", "second", "first"]);
});

test("what can't be opened as a whole leaves nothing open", async () => {
  const closed: string[] = [];
  const failing = opening(async (stack) => {
    stack.use(noting(closed, "first"));
    await Promise.resolve();
    throw new Error("the second can't be opened");
  });
  await expect(failing).rejects.toThrow("the second can't be opened");
  expect(closed).toEqual(["first"]);
});

test("what could be opened stays open until its stack is closed", async () => {
  const closed: string[] = [];
  const stack = await opening(async (stack) => {
    stack.use(noting(closed, "first"));
    return stack;
  });
  expect(closed).toEqual([]);
  await stack[Symbol.asyncDispose]();
  expect(closed).toEqual(["first"]);
});
