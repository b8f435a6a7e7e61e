import { parentPort, workerData } from "node:worker_threads";
import type { Decode } from "../options.ts";
import type { ReaderAnswer, ReaderTask, Recipe } from "./messages.ts";
import { readPacked } from "./read-packed.ts";

// A thread that turns the bytes of files into packed readings, one after the other, until it is ended. What goes wrong ends it.

const port = parentPort!;
const { module, argument } = workerData as Recipe;
const decoders = (await import(module)) as { createDecode(argument: unknown): Decode };
const decode = decoders.createDecode(argument);
let before: Promise<void> = Promise.resolve();

port.on("message", ({ id, order }: ReaderTask) => {
  before = before.then(async () => {
    const result = await readPacked(order, decode);
    const transfer = result.kind === "reading" ? [result.packed.head.buffer, result.packed.bodies.buffer] : [];
    port.postMessage({ id, result } satisfies ReaderAnswer, transfer);
  });
});
