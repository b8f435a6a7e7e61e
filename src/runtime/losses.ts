import type { Logger } from "../lib/logger.ts";

/** Fewer deletions than this are worth a warning only if nothing is left. */
const FEW = 10;

/**
 * Warns when a source takes back all that it gave, or more than half of it, between two snapshots: that may be meant, and may
 * be a folder that was emptied by mistake.
 */
export class Losses {
  readonly #log: Logger;
  readonly #last = new Map<string, Given>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** A snapshot is out, with this of a source. */
  published(source: string, given: Given): void {
    const last = this.#last.get(source) ?? { size: 0, deletions: 0 };
    this.#last.set(source, given);
    const [before, left] = [last.size, given.size];
    const deleted = Math.min(given.deletions - last.deletions, before);
    const isMost = deleted >= FEW && deleted * 2 > before;
    if (deleted === 0 || (left > 0 && !isMost)) return;
    const what = deleted === before ? `all ${before} resources` : `${deleted} of ${before} resources`;
    this.#log.warn(`${what} that the source ${source} gave were deleted`, { source, deleted, before, left });
  }
}

/** What a source gives: its resources now, and how many it has ever taken back. */
export interface Given {
  readonly size: number;
  readonly deletions: number;
}
