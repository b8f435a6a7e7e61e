import type { Effect } from "../../model/received/store.ts";

/** What arrived: a push and what it did to the copy that is kept. */
export interface Arrived {
  /** The collection or type that it is of. */
  readonly subject: string;
  /** The server's version of it. */
  readonly version: string;
  readonly effects: readonly Effect[];
  /** The first content of its subject: nothing in it is news. */
  readonly first: boolean;
  /** Wall clock milliseconds. */
  readonly at: number;
}

/** Shows what arrives in one of the output forms. */
export interface Printer {
  arrived(what: Arrived): void;
  /** Everything that was asked for has come once. */
  complete(): void;
}

export type OutputForm = "table" | "yaml" | "json" | "stats";

/** What the protocol calls the things that are subscribed to. */
export type Noun = "collection" | "type";

/** How documents of a subject begin. */
export interface DocumentKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Finds out how documents of a subject begin, from its name and from the type URL of a body. */
export type KindOf = (subject: string, bodyTypeUrl: string) => DocumentKind;
