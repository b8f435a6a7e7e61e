import { expect, test } from "vitest";
import { orAborted } from "./or-aborted.ts";

test("without an abort it is the promise", async () => {
  const { signal } = new AbortController();
  expect(await orAborted(Promise.resolve(7), signal)).toBe(7);
  await expect(orAborted(Promise.reject(new Error("no")), signal)).rejects.toThrow("no");
});

test("an abort ends the wait, whatever becomes of the promise", async () => {
  const stop = new AbortController();
  let fail: (error: Error) => void = () => undefined;
  const waiting = orAborted(new Promise((_, reject) => (fail = reject)), stop.signal);
  stop.abort();
  expect(await waiting).toBeUndefined();
  fail(new Error("too late to matter"));
});

test("an aborted signal doesn't wait at all", async () => {
  expect(await orAborted(new Promise(() => undefined), AbortSignal.abort())).toBeUndefined();
});

test("nothing stays attached to the signal", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const counted = new Proxy(signal, {
    get(target, key) {
      if (key === "addEventListener") listeners++;
      if (key === "removeEventListener") listeners--;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  await orAborted(Promise.resolve(), counted);
  await orAborted(Promise.reject(new Error("no")), counted).catch(() => undefined);
  expect(listeners).toBe(0);
});
