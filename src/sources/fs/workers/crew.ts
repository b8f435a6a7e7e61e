import type { Worker } from "node:worker_threads";
import type { Logger } from "../../../lib/logger.ts";
import type { Helpers, HelpersResult } from "../help.ts";
import type { ReaderAnswer, ReaderTask, ReadOrder, Recipe } from "./messages.ts";
import { startThread } from "./start-thread.ts";

/** A thread that reads files, and who waits for what. */
interface Hand {
  readonly worker: Worker;
  readonly waiting: Map<number, (result: HelpersResult) => void>;
}

/** Orders that a thread holds: one under way, and one to go on with. */
const ORDERS_EACH = 2;
/** Memory that a thread may use for what it parses, MiB; one that needs more ends, and its files are read without it. */
const OLD_GENERATION_MIB = 1024;

/**
 * Threads that read files side by side. A thread that ends before its time takes only its own orders with it: they come back as
 * `lost`, to be read in another way, and nobody else is troubled.
 */
export class Crew implements Helpers {
  readonly #log: Logger;
  readonly #hands = new Set<Hand>();
  #lastId = 0;
  #disposed = false;

  /** @param threads how many, at least one */
  constructor(threads: number, recipe: Recipe, log: Logger) {
    this.#log = log;
    for (let i = 0; i < threads; i++) this.#hire(recipe);
  }

  get isFree(): boolean {
    const hand = this.#leastBusy();
    return hand !== undefined && hand.waiting.size < ORDERS_EACH;
  }

  get isDisposed(): boolean {
    return this.#disposed;
  }

  read(order: ReadOrder): Promise<HelpersResult> {
    const hand = this.#leastBusy();
    if (hand === undefined) return Promise.resolve({ kind: "lost" });
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      hand.waiting.set(id, resolve);
      hand.worker.postMessage({ id, order } satisfies ReaderTask, [order.bytes.buffer]);
    });
  }

  /** Ends the threads; what they were reading is lost. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const hand of this.#hands) {
      void hand.worker.terminate();
      this.#dismiss(hand);
    }
  }

  #hire(recipe: Recipe): void {
    const worker = startThread({
      name: "galley-reader",
      workerData: recipe,
      resourceLimits: { maxOldGenerationSizeMb: OLD_GENERATION_MIB },
    });
    const hand: Hand = { worker, waiting: new Map() };
    this.#hands.add(hand);
    worker.unref();
    worker.on("message", ({ id, result }: ReaderAnswer) => {
      hand.waiting.get(id)?.(result);
      hand.waiting.delete(id);
    });
    let why = "it ended by itself";
    worker.on("error", (error) => (why = error instanceof Error ? error.message : String(error)));
    worker.on("exit", () => {
      if (!this.#disposed) this.#log.warn(`a thread that reads files failed: ${why}; its files are read without it`);
      this.#dismiss(hand);
    });
  }

  #dismiss(hand: Hand): void {
    this.#hands.delete(hand);
    for (const resolve of hand.waiting.values()) resolve({ kind: "lost" });
    hand.waiting.clear();
  }

  #leastBusy(): Hand | undefined {
    let least: Hand | undefined;
    for (const hand of this.#hands) if (least === undefined || hand.waiting.size < least.waiting.size) least = hand;
    return least;
  }
}
