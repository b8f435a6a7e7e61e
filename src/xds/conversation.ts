import { status } from "../grpc/status.ts";
import type { SinkStream } from "../serving/sink-stream.ts";
import { clip } from "../serving/view.ts";
import type { Feed } from "../snapshot/feed.ts";
import { type Client, clientOf } from "./client.ts";
import type { XdsFeeds } from "./feeds/feeds.ts";
import type { Node } from "./node.ts";
import { guessRelease } from "./releases-guess.ts";

export interface ConversationDeps {
  readonly feeds: XdsFeeds;
}

/** What of a request decides what it is about. */
interface Opening {
  readonly node: Node | undefined;
  readonly typeUrl: string;
}

/** What a request is about: a feed, or something that gets no answer. */
type About = Feed | undefined;

/** Types that one stream may ask for. No client asks for more than a tenth of it. */
const MAX_TYPES = 200;

/** Longest type URL, characters: it is kept, and echoed in every answer. */
const MAX_TYPE_URL = 1024;

/** What both ways of speaking xDS do alike: who the client is, and what its type URLs stand for. */
export class Conversation {
  readonly #deps: ConversationDeps;
  readonly #sink: SinkStream;
  readonly #asked = new Map<string, About>();
  #client: Client | undefined;

  constructor(deps: ConversationDeps, sink: SinkStream) {
    this.#deps = deps;
    this.#sink = sink;
  }

  /** What a request is about; `undefined` when it gets no answer, and when it just ended the stream. */
  about({ node, typeUrl }: Opening): About {
    if (this.#client === undefined) {
      if (node === undefined || node.id === "") {
        this.#refuse("the first request of a stream must say who asks: node.id is missing");
        return undefined;
      }
      // Decided once: what a client sees does not change while it is connected.
      this.#client = clientOf(node);
    }
    if (node !== undefined && node.id !== "") this.#sink.identify({ id: node.id, annotations: node.metadata });
    if (this.#asked.has(typeUrl)) return this.#asked.get(typeUrl);
    return this.#first(typeUrl, this.#client);
  }

  #first(typeUrl: string, client: Client): About {
    if (typeUrl === "") return this.#refuse("a request must name the type that it asks for: type_url is missing");
    if (typeUrl.length > MAX_TYPE_URL) return this.#refuse(`type_url is longer than ${MAX_TYPE_URL} characters`);
    if (this.#asked.size === MAX_TYPES) return this.#refuse(`a stream may ask for ${MAX_TYPES} types`);
    const feed = this.#deps.feeds.feed(typeUrl, client);
    this.#asked.set(typeUrl, feed);
    this.#describe(client);
    return feed;
  }

  /** Takes down for people, and for the limits that it is known to have, which client this may be. */
  #describe({ isIstiod }: Client): void {
    const guess = isIstiod ? guessRelease(this.#asked.keys()) : undefined;
    if (guess === undefined) {
      this.#sink.surmise(undefined);
      return;
    }
    const { oldest, newest } = guess;
    const releases = oldest === newest ? oldest.name : `${oldest.name} up to ${newest.name}`;
    this.#sink.surmise(["asks like istiod", releases]);
    if (newest.maxMessageBytes > 0) this.#sink.accepts(newest.maxMessageBytes);
  }

  #refuse(why: string): undefined {
    this.#sink.warn(`an xDS stream ends: ${why}`);
    this.#sink.refuse(status("InvalidArgument", clip(why)));
    return undefined;
  }
}
