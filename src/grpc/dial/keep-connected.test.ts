import { createServer } from "node:net";
import { expect, test } from "vitest";
import { keepConnected } from "./keep-connected.ts";

test("any number of connections may end with one signal, without a word of Node on standard error", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on("warning", note);
  // Takes connections and says nothing, so that all of them wait.
  const dark = createServer((socket) => void socket.on("error", () => undefined));
  await new Promise<void>((resolve) => dark.listen(0, "127.0.0.1", resolve));
  const { port } = dark.address() as { port: number };
  const stop = new AbortController();
  const options = { address: `127.0.0.1:${port}`, signal: stop.signal };
  const conversation = {
    method: "/a/b",
    async converse(dialled: { next(): Promise<unknown> }) {
      await dialled.next();
      return undefined;
    },
  };
  let begun = 0;
  const all = Array.from({ length: 30 }, () => keepConnected(options, conversation, () => void begun++));
  while (begun < 30) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await Promise.all(all);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", note);
  dark.close();
  expect(warnings).toEqual([]);
});
