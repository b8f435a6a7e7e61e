import { availableParallelism } from "node:os";
import type { ReadingHelp } from "../help.ts";
import { Crew } from "./crew.ts";
import type { Recipe } from "./messages.ts";

/** How much help there is to be. */
export interface ReaderThreadsOptions {
  /** Threads beside this one; unless said otherwise one for each processor but this one's, up to three. */
  readonly threads?: number;
  /** Less than this is read without help, bytes; 8 MiB unless said otherwise. */
  readonly fromBytes?: number;
}

/** More help little: this thread takes in what all of them read, and reads as well. */
const MAX_THREADS = 3;
/** A thread takes half a second to start and to get up to speed; this much is parsed in that time. */
const FROM_BYTES = 8 * 1024 * 1024;

/** Has threads read a part of what is much. They get decoders by `recipe`, which decide as that of the source does. */
export function readerThreads(recipe: Recipe, options: ReaderThreadsOptions = {}): ReadingHelp {
  const { threads = Math.min(availableParallelism() - 1, MAX_THREADS), fromBytes = FROM_BYTES } = options;
  const neededFor = (files: number, bytes: number): number => (bytes < fromBytes ? 0 : Math.min(threads, files - 1));
  return {
    isWorth: (files, bytes) => neededFor(files, bytes) >= 1,
    hire(files, bytes, log) {
      const needed = neededFor(files, bytes);
      return needed < 1 ? undefined : new Crew(needed, recipe, log);
    },
  };
}
