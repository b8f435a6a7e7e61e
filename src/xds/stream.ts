import type { Closed, StreamHandler } from "../grpc/method.ts";
import { status } from "../grpc/status.ts";
import type { SinkStream } from "../serving/sink-stream.ts";
import type { Feed } from "../snapshot/feed.ts";
import type { Conversation } from "./conversation.ts";
import type { AnyRequest } from "./request.ts";

/** One of the two ways of speaking xDS: what its requests are, and what they mean. */
export interface Dialect<Request extends AnyRequest> {
  /** The message that clients send. */
  readonly message: string;
  /** Decodes a request; `undefined` when the bytes are not one. */
  readonly decode: (bytes: Uint8Array) => Request | undefined;
  /** Takes in a request that is about a feed. */
  readonly take: (sink: SinkStream, feed: Feed, request: Request) => void;
}

/** One stream to a client over xDS. */
export class XdsStream<Request extends AnyRequest> implements StreamHandler {
  readonly #dialect: Dialect<Request>;
  readonly #sink: SinkStream;
  readonly #conversation: Conversation;

  constructor(dialect: Dialect<Request>, sink: SinkStream, conversation: Conversation) {
    this.#dialect = dialect;
    this.#sink = sink;
    this.#conversation = conversation;
  }

  message(bytes: Uint8Array): void {
    if (!this.#sink.takes()) return;
    const { decode, message, take } = this.#dialect;
    const request = decode(bytes);
    if (request === undefined) {
      this.#sink.failed(status("Internal", `the message is not an envoy.service.discovery.v3.${message}`));
      return;
    }
    const feed = this.#conversation.about(request);
    if (feed === undefined) {
      this.#sink.wasUseless();
      return;
    }
    this.#sink.received(feed.collection, bytes.length);
    take(this.#sink, feed, request);
  }

  halfClose(): void {
    this.#sink.finish();
  }

  closed(reason: Closed): void {
    this.#sink.closed(reason);
  }
}
