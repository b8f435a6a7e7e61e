import { errorCode, type Disk } from "./disk.ts";
import type { Marks } from "./marks.ts";
import { isConfigFile, join } from "./paths.ts";

/** One watch for each folder that is read. What they see becomes marks, no more. */
export class Watches {
  readonly #disk: Disk;
  readonly #marks: Marks;
  readonly #open = new Map<string, () => void>();
  #refused: string | undefined;

  constructor(disk: Disk, marks: Marks) {
    this.#disk = disk;
    this.#marks = marks;
  }

  /** The error code with which the system refused to watch a folder, since `retry`. */
  get refused(): string | undefined {
    return this.#refused;
  }

  /** Watches a folder, unless it is watched already. */
  add(folder: string, path: string): void {
    if (this.#open.has(folder) || this.#refused !== undefined) return;
    const own = path.slice(path.lastIndexOf("/") + 1);
    this.#watch(folder, path, (name) => {
      // What happens to the folder itself comes under its own name. When it is removed its watch is dead, and one that is made
      // in its place may even have its number: then nothing but this tells of it.
      if (name === own) {
        this.drop(folder);
        this.#marks.folder(folder);
      }
      if (name === undefined) this.#marks.folder(folder);
      // A ConfigMap mount swaps the link `..data`; its files, links through it, hear nothing of that.
      else if (name.startsWith("..")) this.#marks.folder(folder);
      else if (isConfigFile(name)) this.#marks.file(join(folder, name));
      else this.#marks.name(join(folder, name));
    });
  }

  /** Watches for the root itself, in the folder that it is in, to come, go or be another. */
  addRoot(parent: string, name: string): void {
    if (this.#open.has(ROOT) || this.#refused !== undefined) return;
    this.#watch(ROOT, parent, (changed) => {
      if (changed === undefined || changed === name) this.#marks.everything(false);
    });
  }

  #watch(key: string, path: string, onChange: (name: string | undefined) => void): void {
    try {
      const close = this.#disk.watch(path, onChange, () => {
        this.drop(key);
        this.#marks.everything(false);
      });
      this.#open.set(key, close);
    } catch (error) {
      // A folder that is gone or forbidden shows when it is listed. Anything else speaks of the system's own limits.
      if (!["ENOENT", "ENOTDIR", "EACCES", "EPERM"].includes(errorCode(error))) this.#refused = errorCode(error);
    }
  }

  /** Stops watching a folder: it is gone, or another has taken its place. */
  drop(folder: string): void {
    this.#open.get(folder)?.();
    this.#open.delete(folder);
  }

  /** Tries again where watching was refused, at the next `add`. */
  retry(): void {
    this.#refused = undefined;
  }

  close(): void {
    for (const close of this.#open.values()) close();
    this.#open.clear();
  }
}

/** No folder below the root has this path. */
const ROOT = "..";
