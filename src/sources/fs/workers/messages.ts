import type { PackedReading } from "../packed/layout.ts";

/** How another thread makes a decoder for itself. Decoders of one recipe must decide alike. */
export interface Recipe {
  /** URL of a module that exports `createDecode(argument)`. */
  readonly module: string;
  /** What can be written as JSON. */
  readonly argument: unknown;
}

/** A file to be read. The bytes change hands. */
export interface ReadOrder {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isJson: boolean;
  /** Most documents that it may have. */
  readonly maxDocuments: number;
}

/** What a file's bytes came to. */
export type ReadResult =
  | { readonly kind: "reading"; readonly packed: PackedReading }
  | { readonly kind: "not-text"; readonly message: string }
  | { readonly kind: "too-many-documents" };

/** What a reader thread is told. */
export interface ReaderTask {
  readonly id: number;
  readonly order: ReadOrder;
}

/** What it answers. */
export interface ReaderAnswer {
  readonly id: number;
  readonly result: ReadResult;
}
