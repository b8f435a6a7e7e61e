import type { Closed, StreamHandler } from "../grpc/method.ts";
import { type Status, status } from "../grpc/status.ts";
import type { SinkStream } from "../serving/sink-stream.ts";
import type { Feed } from "../snapshot/feed.ts";
import type { Conversation } from "./conversation.ts";
import { type AnyRequest, MAX_NAMES, type Unreadable } from "./request.ts";

/** One of the two ways of speaking xDS: what its requests are, and what they mean. */
export interface Dialect<Request extends AnyRequest> {
  /** The message that clients send. */
  readonly message: string;
  readonly decode: (bytes: Uint8Array) => Request | Unreadable;
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
    if (request === "malformed") {
      this.#sink.failed(status("Internal", `the message is not an envoy.service.discovery.v3.${message}`));
      return;
    }
    if (request === "too many names") {
      refuseNames(this.#sink);
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

/** How a stream ends that names more resources than may be named. */
const tooManyNames: Status = status(
  "ResourceExhausted",
  `a request or a subscription may name ${MAX_NAMES} resources: ask for everything instead, without names or with "*"`,
);

/** Ends a stream that names more resources than may be named. */
export function refuseNames(sink: SinkStream): void {
  sink.warn(`an xDS stream ends: ${tooManyNames.message}`);
  sink.refuse(tooManyNames);
}
