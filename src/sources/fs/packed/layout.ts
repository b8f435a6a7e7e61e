import type { Miss, Note } from "../records.ts";

/**
 * What a file's text came to, as two arrays of bytes that can be handed to another thread or written to disk. `bodies` holds
 * the wire bytes of all resources side by side and stays in memory with them; `head` says everything else and is let go once
 * it has been read.
 *
 * The head is a row of 32-bit words in the byte order of the machine, then the texts, then what is seldom there, as JSON:
 *
 * ```
 * FORMAT  documents  claims  texts: characters  texts: bytes a character  JSON: bytes
 * for each document: its line
 * for each document: how many claims there are up to its end
 * for each document its hash, then for each claim its version, then for each its name: where that ends in the texts
 * for each claim: line, kind, collection, legacy from, legacy to, current from, current to
 * ```
 */
export interface PackedReading {
  readonly head: Uint8Array<ArrayBuffer>;
  readonly bodies: Uint8Array<ArrayBuffer>;
}

/** Changes with the layout. */
export const PACKED_FORMAT = 0x47_50_00_01;

/** Words before the columns. */
export const HEAD_WORDS = 6;

/** Words of one claim, behind the columns of documents. */
export const CLAIM_WORDS = 7;

/** Stands for bytes that a resource doesn't have. */
export const NO_BYTES = 0xffff_ffff;

/** What is kept as JSON. Kinds and collections are numbered by their place. */
export interface Extras {
  readonly kinds: readonly string[];
  readonly collections: readonly string[];
  /** Claims that have another name than their resource. */
  readonly names: readonly (readonly [claim: number, name: string])[];
  /** Documents about which there is something to say. */
  readonly documents: readonly (readonly [document: number, misses: readonly Miss[], notes: readonly Note[]])[];
}
