import type { Resource, ResourceKey } from "../../model/resource.ts";

/**
 * What one reading of a memory source has not been told yet: for each resource that changed what it is now. However much
 * changes while the reader is busy, this never holds more than one word about each.
 */
export class Unsaid {
  #news = new Map<string, ResourceKey | Resource>();
  #wake: (() => void) | undefined;

  /** Notes that a resource is this now, or, given only its key, that it is gone. */
  note(news: ResourceKey | Resource): void {
    this.#news.set(`${news.collection} ${news.name}`, news);
  }

  /** Has the reader look, after everything that belongs together was noted. */
  wake(): void {
    this.#wake?.();
  }

  /** Hands over what was noted, all of it. */
  take(): { readonly upserts: readonly Resource[]; readonly deletes: readonly ResourceKey[] } {
    const upserts: Resource[] = [];
    const deletes: ResourceKey[] = [];
    for (const news of this.#news.values()) {
      if ("version" in news) upserts.push(news);
      else deletes.push(news);
    }
    this.#news = new Map();
    return { upserts, deletes };
  }

  /** Resolves once there is something to take, or the signal aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#news.size > 0 || signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        signal.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      signal.addEventListener("abort", done, { once: true });
      this.#wake = done;
    });
  }
}
