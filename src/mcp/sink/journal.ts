import type { Refusal } from "../../model/received/refusal.ts";
import type { SinkRequest } from "./requests.ts";

/** One request that a sink sent, for people. */
export interface JournalEntry {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly collection: string;
  /** Empty on a request that begins a stream. */
  readonly nonce: string;
  readonly incremental: boolean;
  /** How many resources the request said are held. */
  readonly held: number;
  /** `false` for a NACK. */
  readonly acked: boolean;
  readonly error: Refusal | undefined;
}

/** How many requests are remembered. */
export const JOURNAL_SIZE = 32;

/** The last requests of a sink, over all its streams. Written before a request is sent, so one that got lost is in it. */
export class RequestJournal {
  readonly #ring: JournalEntry[] = [];
  #next = 0;

  /** The remembered requests, oldest first. */
  get entries(): readonly JournalEntry[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  record({ collection, nonce, incremental, held, error }: SinkRequest, at: number): void {
    const acked = error === undefined;
    this.#ring[this.#next] = { at, collection, nonce, incremental, held: held.size, acked, error };
    this.#next = (this.#next + 1) % JOURNAL_SIZE;
  }
}
