import type { Metadata } from "../../grpc/metadata.ts";
import type { Method, Peer, ServerStream, StreamHandler } from "../../grpc/method.ts";
import { OK, type Status, status } from "../../grpc/status.ts";
import { SINK_STREAM } from "../protocol.ts";
import { type Answered, Exchange } from "./exchange.ts";
import { ServerPort } from "./server-port.ts";
import type { SinkSettings } from "./settings.ts";

/** What a sink that is called tells of its sources. */
export type SinkServiceEvent =
  | { readonly kind: "connected"; readonly peer: Peer }
  /** A source was turned away: it may not feed this sink, or another one does. */
  | { readonly kind: "refused"; readonly peer: Peer; readonly reason: string }
  /** What became of a push. */
  | Answered
  | { readonly kind: "disconnected"; readonly peer: Peer };

export interface SinkServiceOptions extends SinkSettings {
  /** Whether a source may feed this sink, by who it is and the request headers it sends; every one may without this. */
  readonly authorize?: (peer: Peer, metadata: Metadata) => boolean;
  /** Told of what happens, as it happens. Must not throw: that ends the stream that it happens on. */
  readonly onEvent?: (event: SinkServiceEvent) => void;
}

/**
 * `istio.mcp.v1alpha1.ResourceSink`: a sink that sources call, such as Galley with `--sink-address`.
 *
 * One source at a time: a second one is turned away with UNAVAILABLE, and takes over, resuming what is held, when it comes
 * again after the first has left and what it sent is applied. Two sources that fed one sink would undo each other's changes;
 * one that feeds it and others that stand by make it highly available.
 */
export class SinkService {
  readonly method: Method;
  readonly #exchange: Exchange;
  readonly #authorize: NonNullable<SinkServiceOptions["authorize"]>;
  readonly #onEvent: (event: SinkServiceEvent) => void;
  #source: Peer | undefined;

  /** @throws Error when the options can't be used. */
  constructor(options: SinkServiceOptions) {
    const { authorize = () => true, onEvent = () => undefined } = options;
    this.#exchange = new Exchange(options, onEvent);
    this.#authorize = authorize;
    this.#onEvent = onEvent;
    this.method = { path: SINK_STREAM, open: (stream) => this.#open(stream) };
  }

  /** The source that feeds this sink now, or whose last change is still being applied. */
  get source(): Peer | undefined {
    return this.#source;
  }

  #open(stream: ServerStream): StreamHandler {
    const { peer } = stream;
    if (!this.#authorize(peer, stream.metadata)) {
      return this.#refuse(
        stream,
        status("Unauthenticated", "Authentication failure: this sink doesn't take the source"),
      );
    }
    if (this.#source !== undefined) {
      return this.#refuse(stream, status("Unavailable", "this sink has a source; try again later"));
    }
    this.#source = peer;
    const port = new ServerPort(stream);
    stream.sendHeaders();
    void this.#converse(port, peer);
    return port;
  }

  #refuse(stream: ServerStream, how: Status): StreamHandler {
    const port = new ServerPort(stream);
    port.end(how);
    this.#onEvent({ kind: "refused", peer: stream.peer, reason: how.message });
    return port;
  }

  async #converse(port: ServerPort, peer: Peer): Promise<void> {
    try {
      this.#onEvent({ kind: "connected", peer });
      const end = await this.#exchange.converse(port);
      await port.drained();
      port.end(end === "over" ? OK : status("Internal", "the message is not an istio.mcp.v1alpha1.Resources"));
      this.#onEvent({ kind: "disconnected", peer });
    } catch {
      // Only a listener that throws gets here; it must not take the process down with it.
      port.end(status("Internal", "internal error"));
    } finally {
      this.#source = undefined;
    }
  }
}
