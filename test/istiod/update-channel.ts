import type { Release } from "./releases.ts";

const PINNED_SLOTS = 100;

/**
 * The channel that istiod offers its answers to and that nobody ever reads: what goes in stays until the process ends, and
 * in early releases a full one stops it for good.
 */
export class UpdateChannel {
  readonly #mode: Release["channel"];
  readonly #slots: number;
  readonly #types = new Set<string>();
  /** Answers that stay in memory for the life of the process. */
  pinned = 0;
  /** Their bytes. */
  pinnedBytes = 0;

  constructor(release: Release) {
    this.#mode = release.channel;
    this.#slots = release.channel === "pinned" ? PINNED_SLOTS : release.kinds.length;
  }

  /** Offers an answer; `false` when istiod hangs on it. */
  offer(typeUrl: string, bytes: number): boolean {
    if (this.#mode === "once a type") {
      if (this.#types.has(typeUrl)) return true;
      if (this.#types.size === this.#slots) return false;
      this.#types.add(typeUrl);
    } else if (this.#mode === "every answer" && this.pinned === this.#slots) return false;
    else if (this.pinned < this.#slots) {
      this.pinned++;
      this.pinnedBytes += bytes;
    }
    return true;
  }
}
