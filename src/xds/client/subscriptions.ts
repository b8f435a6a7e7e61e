import type { CollectionRegistry } from "../../model/collections.ts";
import type { XdsChange } from "../../model/received/change.ts";
import { hold, type HeldVersions } from "../../model/received/held.ts";
import type { Refusal } from "../../model/received/refusal.ts";
import { istioCollections } from "../../model/registry.ts";
import { receive, type Received } from "./receive.ts";
import { encodeRequest, type XdsNode, type XdsRequest } from "./request.ts";
import type { XdsMode } from "./response.ts";

export interface SubscriptionSettings {
  readonly mode: XdsMode;
  readonly node: XdsNode;
  /** What is asked for, all of each, in this order. */
  readonly typeUrls: readonly string[];
  /** What the application has from an earlier life; clients of deltas resume from it. */
  readonly held?: HeldVersions;
  /** Tells what messages the types hold that are known here; those of Istio unless given. */
  readonly collections?: CollectionRegistry;
  readonly dialect?: Dialect;
}

/**
 * `istiod`: with the habits that istiod's reader of configuration has and servers have to put up with. Its first requests
 * answer nonces that nobody gave and tell no version, and each of its answers says who it is.
 */
export type Dialect = "standard" | "istiod";

interface TypeState {
  /** Of the response that was last taken in; empty before. */
  version: string;
  readonly held: Map<string, string>;
  /** Whether the server knows what is held, so that deltas add to it. */
  resumes: boolean;
  /** Whether the application may have taken in a part of something that it refused. */
  isDoubtful: boolean;
}

/** Servers may refuse requests of more than 1 MiB, as Galley does; bytes. */
const MAX_OPENING_BYTES = 1_000_000;

const nothing: ReadonlyMap<string, string> = new Map<string, string>();

/**
 * What a client of aggregated discovery holds of each type, over all streams of its life, and the requests that follow from
 * it. Pure: the stream around it sends what these functions return, one stream after the other.
 *
 * On each stream it begins with `opening`. Every message is given to `receive`; a change is applied and answered with what
 * `ack` returns, or with `nack` if it can't be.
 */
export class XdsSubscriptions {
  readonly #mode: XdsMode;
  readonly #node: XdsNode;
  readonly #isIstiod: boolean;
  readonly #collections: CollectionRegistry;
  readonly #types = new Map<string, TypeState>();

  constructor({ mode, node, typeUrls, held, collections, dialect }: SubscriptionSettings) {
    this.#mode = mode;
    this.#node = node;
    this.#isIstiod = dialect === "istiod";
    this.#collections = collections ?? istioCollections();
    for (const typeUrl of typeUrls) {
      this.#types.set(typeUrl, { version: "", held: new Map(held?.get(typeUrl)), resumes: true, isDoubtful: false });
    }
  }

  /**
   * What a stream begins with: one request for each type. Deltas are asked for from what is held, if that isn't too much and
   * the application is sure to have it.
   */
  opening(): readonly Uint8Array[] {
    return [...this.#types].map(([typeUrl, state], index) => {
      const request: XdsRequest = {
        typeUrl,
        node: index === 0 ? this.#node : undefined,
        version: this.#isIstiod || state.isDoubtful ? "" : state.version,
        nonce: this.#isIstiod ? `invented-${index + 1}` : "",
        held: nothing,
        error: undefined,
      };
      state.resumes = !state.isDoubtful;
      if (state.isDoubtful) return this.#encode(request);
      if (this.#mode === "state" || state.held.size === 0) return this.#encode(request);
      const bytes = this.#encode({ ...request, held: state.held });
      // A request that is too large would end every stream, so everything is asked for anew.
      state.resumes = bytes.length <= MAX_OPENING_BYTES;
      return state.resumes ? bytes : this.#encode(request);
    });
  }

  /** Judges a message of the stream. Nothing of it counts as held before `ack`. */
  receive(bytes: Uint8Array): Received {
    return receive(bytes, {
      mode: this.#mode,
      collections: this.#collections,
      asked: (typeUrl) => this.#types.get(typeUrl),
    });
  }

  /** The change was taken in: it counts as held, and this is its ACK. @throws Error for a type that was not asked for */
  ack(change: XdsChange, nonce: string): Uint8Array {
    const state = this.#stateOf(change.typeUrl);
    hold(state.held, change);
    if (!change.incremental) state.isDoubtful = false;
    state.version = change.version;
    state.resumes = true;
    return this.#answer(change.typeUrl, nonce, undefined);
  }

  /**
   * The application refused a change, at once or halfway: until it has taken in everything anew, a stream that begins resumes
   * from nothing. @throws Error for a type that was not asked for
   */
  doubt(typeUrl: string): void {
    this.#stateOf(typeUrl).isDoubtful = true;
  }

  /** A NACK, which names the version that is kept. @throws Error for a type that was not asked for */
  nack(typeUrl: string, nonce: string, error: Refusal): Uint8Array {
    return this.#answer(typeUrl, nonce, error);
  }

  #answer(typeUrl: string, nonce: string, error: Refusal | undefined): Uint8Array {
    const { version } = this.#stateOf(typeUrl);
    const node = this.#isIstiod ? this.#node : undefined;
    return this.#encode({ typeUrl, node, version, nonce, held: nothing, error });
  }

  #encode(request: XdsRequest): Uint8Array {
    return encodeRequest(this.#mode, request);
  }

  #stateOf(typeUrl: string): TypeState {
    const state = this.#types.get(typeUrl);
    if (state === undefined) throw new Error(`${JSON.stringify(typeUrl)} was not asked for`);
    return state;
  }
}
