import { type ConnectionEvent, type ConnectionOptions, keepConnected } from "../../grpc/dial/keep-connected.ts";
import type { Port } from "../../grpc/dial/port.ts";
import type { CollectionRegistry } from "../../model/collections.ts";
import type { Apply, XdsChange } from "../../model/received/change.ts";
import type { HeldVersions } from "../../model/received/held.ts";
import { type Refusal, refusalBy } from "../../model/received/refusal.ts";
import { DELTA, STATE_OF_THE_WORLD } from "../protocol.ts";
import type { Received } from "./receive.ts";
import type { XdsNode } from "./request.ts";
import { type Dialect, XdsSubscriptions } from "./subscriptions.ts";

/** What a client tells of its connection, and of what became of each response. */
export type XdsEvent =
  | ConnectionEvent
  | { readonly kind: "acked"; readonly typeUrl: string; readonly version: string }
  | { readonly kind: "nacked"; readonly typeUrl: string; readonly code: number; readonly message: string }
  /** A response came of a type that was not asked for. It is not answered, as that would ask for it. */
  | { readonly kind: "unasked"; readonly typeUrl: string };

export interface XdsClientOptions extends ConnectionOptions {
  /** What is asked for, all of each: type URLs such as `networking.istio.io/v1/Gateway`. */
  readonly typeUrls: readonly string[];
  readonly apply: Apply<XdsChange>;
  /**
   * Whether the client asks for deltas: the server then sends what changed, and a reconnect resumes with what is held.
   * Without it every change is everything.
   */
  readonly incremental?: boolean;
  /** How the client names itself to servers. Istio's revision goes into the metadata as `ISTIO_REVISION`. */
  readonly node?: Partial<XdsNode>;
  /** What the application kept from an earlier life, such as `store.versions`: deltas resume from it. */
  readonly held?: HeldVersions;
  /** Tells what messages the types hold that are known here; those of Istio unless given. */
  readonly collections?: CollectionRegistry;
  /** Whether it has the habits of istiod's own reader; `standard` unless given. */
  readonly dialect?: Dialect;
  /** Told of what happens, as it happens. Must not throw: that ends the client. */
  readonly onEvent?: (event: XdsEvent) => void;
}

/** Servers end the streams of clients without an id. */
const UNNAMED = "galley-client";

/**
 * Keeps a copy of what a server of aggregated discovery has current until the signal aborts: connects, asks, applies one
 * change at a time, answers each, and reconnects with growing, jittered delays. A reconnect waits for an `apply` that still
 * runs.
 *
 * Resolves when the signal has aborted and every socket and timer is gone. An `apply` that runs at that moment is told by
 * its signal, and not waited for.
 * @throws Error when the options can't be used.
 */
export async function runXdsClient(options: XdsClientOptions): Promise<void> {
  const { typeUrls, incremental = false, node, onEvent = () => undefined } = options;
  // It would wait for ever.
  if (typeUrls.length === 0) throw new Error("a client needs at least one type to ask for");
  const subscriptions = new XdsSubscriptions({
    ...options,
    mode: incremental ? "delta" : "state",
    node: { id: node?.id || UNNAMED, metadata: node?.metadata ?? {} },
  });
  const conversation = new Conversation(subscriptions, options.apply, onEvent);
  const method = incremental ? DELTA : STATE_OF_THE_WORLD;
  await keepConnected(options, { method, converse: (port) => conversation.hold(port) }, onEvent);
}

/** What is said on the streams, one after the other. */
class Conversation {
  readonly #subscriptions: XdsSubscriptions;
  readonly #apply: Apply<XdsChange>;
  readonly #onEvent: (event: XdsEvent) => void;

  constructor(subscriptions: XdsSubscriptions, apply: Apply<XdsChange>, onEvent: (event: XdsEvent) => void) {
    this.#subscriptions = subscriptions;
    this.#apply = apply;
    this.#onEvent = onEvent;
  }

  async hold(port: Port): Promise<string | undefined> {
    for (const request of this.#subscriptions.opening()) port.post(request);
    for (;;) {
      const bytes = await port.next();
      if (bytes === undefined) return undefined;
      const received = this.#subscriptions.receive(bytes);
      if (received.kind === "garbage") return "the server sent a message that is not of xDS";
      if (received.kind === "unasked") this.#onEvent(received);
      else port.post(await this.#answer(received, port.signal));
    }
  }

  async #answer(received: Extract<Received, { readonly nonce: string }>, signal: AbortSignal): Promise<Uint8Array> {
    if (received.kind === "refused") return this.#refuse(received.typeUrl, received.nonce, received.refusal);
    const { change, nonce } = received;
    const { typeUrl, version } = change;
    const refusal = await refusalBy(() => this.#apply(change, signal));
    if (refusal !== undefined) {
      this.#subscriptions.doubt(typeUrl);
      return this.#refuse(typeUrl, nonce, refusal);
    }
    const ack = this.#subscriptions.ack(change, nonce);
    // What was applied counts even when the stream is gone meanwhile, but nobody hears of an answer that can't be sent.
    if (!signal.aborted) this.#onEvent({ kind: "acked", typeUrl, version });
    return ack;
  }

  #refuse(typeUrl: string, nonce: string, refusal: Refusal): Uint8Array {
    this.#onEvent({ kind: "nacked", typeUrl, ...refusal });
    return this.#subscriptions.nack(typeUrl, nonce, refusal);
  }
}
