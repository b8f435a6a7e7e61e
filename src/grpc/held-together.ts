/** A connection, as what bounds all of them sees it. */
export interface Holder {
  /** What its calls hold: parts of unfinished messages, and what waits to be read. */
  readonly heldBytes: number;
  /** Ends the call that holds most. */
  yieldMost(): void;
}

/**
 * Bounds what the calls of all connections hold together. Beyond it, the connection that holds most loses the call that holds
 * most of it: whoever sends one message, however slowly, loses nothing to one who begins many and finishes none.
 */
export class HeldTogether {
  readonly #maxBytes: number;
  readonly #holders = new Set<Holder>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What is held of all, bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A connection holds so much more, or less. */
  changed(holder: Holder, bytes: number): void {
    this.#bytes += bytes;
    if (holder.heldBytes === 0) this.#holders.delete(holder);
    else this.#holders.add(holder);
    if (bytes > 0 && this.#bytes > this.#maxBytes) this.#most()?.yieldMost();
  }

  #most(): Holder | undefined {
    let most: Holder | undefined;
    for (const holder of this.#holders) if (most === undefined || holder.heldBytes > most.heldBytes) most = holder;
    return most;
  }
}
