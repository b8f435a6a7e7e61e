import type { Change } from "../../model/received/change.ts";
import { hold, type HeldVersions } from "../../model/received/held.ts";
import type { Refusal } from "../../model/received/refusal.ts";
import type { SinkRequest } from "./requests.ts";

/** A collection that a sink wants. */
export interface Wish {
  readonly collection: string;
  /** Ask for deltas, and resume with what is held after a reconnect. */
  readonly incremental: boolean;
}

const nothing: ReadonlyMap<string, string> = new Map<string, string>();

/**
 * What a sink holds of each collection it wants, over all streams of its life, and the requests that follow from it.
 * Pure: the stream around it sends what these functions return.
 */
export class SinkSubscriptions {
  readonly #wishes: ReadonlyMap<string, Wish>;
  readonly #held = new Map<string, Map<string, string>>();
  /** Collections of which the application may have taken in a part of something that it refused. */
  readonly #doubtful = new Set<string>();

  /** @param held what the application has from an earlier life; of incremental wishes only, others get everything anyway */
  constructor(wishes: readonly Wish[], held: HeldVersions = new Map()) {
    this.#wishes = new Map(wishes.map((wish) => [wish.collection, wish]));
    for (const collection of this.#wishes.keys()) this.#held.set(collection, new Map(held.get(collection)));
  }

  /** What was wished for a collection; `undefined` when it is not wanted. */
  wish(collection: string): Wish | undefined {
    return this.#wishes.get(collection);
  }

  /** Names and versions held of a collection. */
  held(collection: string): ReadonlyMap<string, string> {
    return this.#held.get(collection) ?? nothing;
  }

  /**
   * What a stream begins with: one request for each collection, naming what is held where deltas are asked for and the
   * application is sure to have it.
   */
  opening(): SinkRequest[] {
    return [...this.#wishes.values()].map(({ collection, incremental }) => ({
      collection,
      nonce: "",
      incremental,
      held: incremental && !this.#doubtful.has(collection) ? this.held(collection) : nothing,
      error: undefined,
    }));
  }

  /** The change was taken in: it counts as held, and this is its ACK. */
  ack(change: Change, nonce: string): SinkRequest {
    const { collection } = change;
    const held = this.#held.get(collection);
    if (held !== undefined) hold(held, change);
    if (!change.incremental) this.#doubtful.delete(collection);
    const incremental = this.#wishes.get(collection)?.incremental ?? false;
    return { collection, nonce, incremental, held: nothing, error: undefined };
  }

  /**
   * The application refused a change, at once or halfway: until it has taken in everything anew, a stream that begins resumes
   * from nothing.
   */
  doubt(collection: string): void {
    this.#doubtful.add(collection);
  }

  /** A NACK. It never asks for deltas, so what follows it is everything: a sink that refused may be in any state. */
  nack({ collection, nonce }: Pick<SinkRequest, "collection" | "nonce">, error: Refusal): SinkRequest {
    return { collection, nonce, incremental: false, held: nothing, error };
  }
}
