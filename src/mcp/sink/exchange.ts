import { type Refusal, refusalBy } from "../../model/received/refusal.ts";
import { TRIGGER_COLLECTION } from "../protocol.ts";
import type { Port } from "../../grpc/dial/port.ts";
import { receive } from "./receive.ts";
import { encodeRequest, type SinkRequest } from "./requests.ts";
import { complete, type CompleteSettings, type SinkSettings } from "./settings.ts";
import { SinkSubscriptions } from "./subscriptions.ts";

/** What became of a push. */
export type Answered =
  | { readonly kind: "acked"; readonly collection: string; readonly version: string }
  | { readonly kind: "nacked"; readonly collection: string; readonly code: number; readonly message: string };

/** How a conversation ended: with its stream, or because what came is not MCP. */
export type ConversationEnd = "over" | "garbage";

/**
 * What a sink says and does on its streams, one stream after the other: it asks for all it wants, then takes one message at
 * a time, applies it, and answers. What was applied is remembered from stream to stream.
 */
export class Exchange {
  readonly #settings: CompleteSettings;
  readonly #subscriptions: SinkSubscriptions;
  readonly #onAnswer: (answered: Answered) => void;

  constructor(settings: SinkSettings, onAnswer: (answered: Answered) => void) {
    this.#settings = complete(settings);
    this.#subscriptions = new SinkSubscriptions(this.#settings.wishes, this.#settings.held);
    this.#onAnswer = onAnswer;
  }

  wants(collection: string): boolean {
    return this.#subscriptions.wish(collection) !== undefined;
  }

  /** Holds the conversation on one stream. Must not be called again before it has resolved. */
  async converse(port: Port): Promise<ConversationEnd> {
    for (const request of this.#subscriptions.opening()) port.post(this.#opening(request));
    for (;;) {
      const bytes = await port.next();
      if (bytes === undefined) return "over";
      const answer = await this.#take(bytes, port.signal);
      if (answer === undefined) return "garbage";
      port.post(this.#encode(answer));
    }
  }

  /** Applies one message. Returns the answer to send; `undefined` when the message is not one of MCP. */
  async #take(bytes: Uint8Array, signal: AbortSignal): Promise<SinkRequest | undefined> {
    const { apply, bodies } = this.#settings;
    const received = receive(bytes, (collection) => this.#subscriptions.wish(collection), bodies);
    if (received.kind === "garbage") return undefined;
    if (received.kind === "refused") return this.#refuse(received.message, received.refusal);
    const { change, nonce } = received;
    const refusal = await refusalBy(() => apply(change, signal));
    if (refusal !== undefined) {
      this.#subscriptions.doubt(change.collection);
      return this.#refuse({ collection: change.collection, nonce }, refusal);
    }
    const answer = this.#subscriptions.ack(change, nonce);
    // What was applied counts even when the stream is gone meanwhile, but nobody hears of an answer that can't be sent.
    if (!signal.aborted) this.#onAnswer({ kind: "acked", collection: change.collection, version: change.version });
    return answer;
  }

  #refuse(message: Pick<SinkRequest, "collection" | "nonce">, refusal: Refusal): SinkRequest {
    // The trigger with which a source begins is meant to be refused; it is nobody's trouble.
    if (message.collection !== TRIGGER_COLLECTION) {
      this.#onAnswer({ kind: "nacked", collection: message.collection, ...refusal });
    }
    return this.#subscriptions.nack(message, refusal);
  }

  /** A resume too large for sources to take would end every stream, so it is not tried: everything is sent again. */
  #opening(request: SinkRequest): Uint8Array {
    const { length } = encodeRequest(this.#settings.node, request);
    return this.#encode(length <= MAX_OPENING_BYTES ? request : { ...request, held: new Map() });
  }

  #encode(request: SinkRequest): Uint8Array {
    this.#settings.journal?.record(request, this.#settings.clock.wall());
    return encodeRequest(this.#settings.node, request);
  }
}

/** Sources may refuse requests of more than 1 MiB, as Galley 1.3.6 does; bytes. */
const MAX_OPENING_BYTES = 1_000_000;
