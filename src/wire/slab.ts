/** Where encoded bytes are kept. */
export interface ByteStore {
  /** A copy of exactly these bytes; the source may be overwritten afterwards. */
  copy(bytes: Uint8Array): Uint8Array;
}

/** One allocation for each copy: it goes when its resource goes. What single changes are decoded with. */
export const exactCopies: ByteStore = {
  copy: (bytes) => new Uint8Array(bytes),
};

const slabBytes = 64 * 1024;

/**
 * Copies side by side in blocks of 64 KiB. That saves 350 bytes a resource: what an array of its own costs the engine.
 * One copy keeps its whole block alive, so a slab is for what is decoded together, such as a first scan: what later
 * changes leave behind never exceeds the bytes of that scan. Single changes belong in `exactCopies`.
 */
export class Slab implements ByteStore {
  #block = new Uint8Array(0);
  #used = 0;

  copy(bytes: Uint8Array): Uint8Array {
    // A large piece would leave much of a block empty behind it.
    if (bytes.length > slabBytes / 8) return exactCopies.copy(bytes);
    if (this.#used + bytes.length > this.#block.length) {
      this.#block = new Uint8Array(slabBytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += bytes.length;
    this.#block.set(bytes, start);
    return this.#block.subarray(start, this.#used);
  }
}
