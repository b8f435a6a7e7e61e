import type { Clock } from "../../lib/clock.ts";

/** What may have changed since it was last looked at. */
export interface Dirt {
  /** Everything, by a poll or because somebody asked. */
  readonly all: boolean;
  /** Read files even if they look unchanged. */
  readonly force: boolean;
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  /** Names that may be folders. */
  readonly names: ReadonlySet<string>;
}

/** More marks than this are not worth keeping apart. */
const MAX_MARKS = 10_000;

/** Collects what may have changed while nobody has time to look. All that piles up is names, each once. */
export class Marks {
  #files = new Set<string>();
  #folders = new Set<string>();
  #names = new Set<string>();
  #all = false;
  #force = false;
  #wake: (() => void) | undefined;

  file(path: string): void {
    this.#mark(this.#files, path);
  }

  folder(path: string): void {
    this.#mark(this.#folders, path);
  }

  name(path: string): void {
    this.#mark(this.#names, path);
  }

  everything(force: boolean): void {
    this.#all = true;
    this.#force ||= force;
    this.#wake?.();
  }

  #mark(set: Set<string>, path: string): void {
    set.add(path);
    if (set.size > MAX_MARKS) {
      set.clear();
      this.#all = true;
    }
    this.#wake?.();
  }

  /** Hands over the marks and starts afresh. */
  take(): Dirt {
    const dirt = { all: this.#all, force: this.#force, files: this.#files, folders: this.#folders, names: this.#names };
    this.#files = new Set();
    this.#folders = new Set();
    this.#names = new Set();
    this.#all = false;
    this.#force = false;
    return dirt;
  }

  get #isEmpty(): boolean {
    return !this.#all && this.#files.size + this.#folders.size + this.#names.size === 0;
  }

  /** Waits for a mark, for `delayMs` to pass, or for the signal. */
  wait(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || !this.#isEmpty) {
        resolve();
        return;
      }
      const done = (): void => {
        cancel();
        signal.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      const cancel = clock.schedule(delayMs, done);
      signal.addEventListener("abort", done, { once: true });
      this.#wake = done;
    });
  }
}
