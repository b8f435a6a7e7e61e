import type { Cancel, Clock } from "../../lib/clock.ts";

/** What stood in one file or several at one moment; equal marks mean equal content. */
export interface Content {
  readonly mark: string;
}

export interface ContentWatchOptions<T extends Content> {
  readonly clock: Clock;
  /** How often to look, milliseconds. */
  readonly pollMs?: number;
  /** Reads what stands there now; must not reject. */
  readonly read: () => Promise<T>;
  /** Told of every content that is another than the one before. */
  readonly changed: (content: T) => void;
}

const POLL_MS = 5_000;

/** Time in which a changed file is expected to be written to its end, and those that belong to it too. */
const SETTLE_MS = 1_000;

/**
 * Tells when files hold something else. They are read again and again, as that sees through every way of replacing them:
 * over, by renaming, by turning a symlink above them as Kubernetes does. A content counts when two looks have found it, so
 * that nothing half-written does.
 */
export class ContentWatch<T extends Content> implements AsyncDisposable {
  readonly #options: ContentWatchOptions<T>;
  #known: string;
  #unsettled: string | undefined;
  #last: Promise<void> = Promise.resolve();
  #cancel: Cancel = () => undefined;
  #stopped = false;

  /** @param known the mark of what was read before */
  constructor(options: ContentWatchOptions<T>, known: string) {
    this.#options = options;
    this.#known = known;
    this.#arm(options.pollMs ?? POLL_MS);
  }

  /** Looks now, for somebody who knows that nothing is being written; resolves when `changed` was told, if there is news. */
  now(): Promise<void> {
    return this.#next(true);
  }

  /** Resolves when the look under way, if there is one, is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#last;
  }

  // One look at a time, however slow the disk is.
  #next(isSettled: boolean): Promise<void> {
    this.#last = this.#last.then(() => this.#look(isSettled));
    return this.#last;
  }

  async #look(isSettled: boolean): Promise<void> {
    const { read, changed, pollMs = POLL_MS } = this.#options;
    this.#cancel();
    if (this.#stopped) return;
    const content = await read();
    if (this.#stopped) return;
    const { mark } = content;
    const isNew = mark !== this.#known;
    const counts = isNew && (isSettled || mark === this.#unsettled);
    this.#unsettled = isNew && !counts ? mark : undefined;
    this.#arm(this.#unsettled === undefined ? pollMs : Math.min(SETTLE_MS, pollMs));
    if (!counts) return;
    this.#known = mark;
    changed(content);
  }

  #arm(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.#options.clock.schedule(delayMs, () => void this.#next(false));
  }
}
