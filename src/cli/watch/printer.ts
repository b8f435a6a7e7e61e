import type { Change } from "../../mcp/sink/change.ts";
import type { Effect } from "../../mcp/sink/store.ts";

/** What arrived: a push and what it did to the copy that is kept. */
export interface Arrived {
  readonly change: Change;
  readonly effects: readonly Effect[];
  /** The first content of its collection: nothing in it is news. */
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
