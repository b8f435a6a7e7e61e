import { type Outgoing, Session, type SessionDeps } from "../distribution/session.ts";
import type { Request, Subscribe, Verdict } from "../distribution/subscription.ts";
import type { Closed } from "../grpc/method.ts";
import { codes, OK, type Status } from "../grpc/status.ts";
import type { Logger } from "../lib/logger.ts";
import type { BucketOptions } from "../lib/token-bucket.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { Collection } from "../model/names.ts";
import type { Feed } from "../snapshot/feed.ts";
import { SubscribeGate } from "./subscribe-gate.ts";
import { clip, type Protocol, type SinkNode, type SinkView } from "./view.ts";

/** What the streams to sinks are made of, in any protocol and either direction. */
export interface ServingDeps extends SessionDeps {
  readonly log: Logger;
  readonly limit?: BucketOptions;
  /** Numbers the streams; each service counts from 1 unless all are given one count. */
  readonly nextStreamId?: () => number;
  /** Size from which on the operator wants to be warned of a push, bytes; only what sinks may refuse is large without it. */
  readonly largePushBytes?: number;
}

/** The transport under one stream. */
export interface SinkPort {
  /** Who is at the other end, for people. */
  readonly peer: string;
  send(pieces: readonly Uint8Array[]): Promise<boolean>;
  /** Ends the stream; the sink learns of the status if the transport can tell it. */
  end(how: Status): void;
}

/** What comes with a request and is no part of how it is judged. */
export interface Remarks {
  readonly nonce: string;
  readonly error: { readonly code: number; readonly message: string } | undefined;
}

/** The largest message that gRPC clients take unless they are told otherwise. */
const USUALLY_ACCEPTED_BYTES = 4 * 1024 * 1024;

const unknown: SinkNode = { id: "", annotations: new Map() };

/** What every protocol does alike for one stream to a sink: limits, the session, logs, and what people are shown. */
export class SinkStream {
  readonly #deps: ServingDeps;
  readonly #port: SinkPort;
  readonly #id: number;
  readonly #protocol: Protocol;
  readonly #session: Session;
  readonly #gate: SubscribeGate;
  readonly #left: () => void;
  readonly #since: number;
  /** Feeds whose size was warned about; once is enough for a stream. Made with the first. */
  #warned: Set<Feed> | undefined;
  #largePushBytes: number;
  #closed = false;
  #finishing = false;
  #node: SinkNode = unknown;

  /** @param left called once, when the stream is over */
  constructor(deps: ServingDeps, port: SinkPort, id: number, protocol: Protocol, left: () => void) {
    this.#deps = deps;
    this.#port = port;
    this.#id = id;
    this.#protocol = protocol;
    this.#left = left;
    this.#since = deps.clock.wall();
    this.#largePushBytes = deps.largePushBytes ?? USUALLY_ACCEPTED_BYTES;
    this.#gate = new SubscribeGate(deps.clock, deps.limit);
    this.#session = new Session(deps, (pieces, what) => {
      if (what.bytes > this.#largePushBytes) this.#warnLarge(what);
      return port.send(pieces);
    });
    deps.log.debug("stream opened", { stream: id, peer: port.peer, protocol });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** What log lines about this stream say of it. */
  get fields(): { readonly stream: number; readonly peer: string; readonly sink: string } {
    return { stream: this.#id, peer: this.#port.peer, sink: clip(this.#node.id) };
  }

  /** The subscriptions of the stream. */
  get session(): Pick<Session, "state" | "size"> {
    return this.#session;
  }

  /** Takes down what the sink says of itself. Not every sink does so on each request. */
  identify(node: SinkNode): void {
    if (node.id !== "" || node.annotations.size > 0) this.#node = node;
  }

  /** Takes in a request that may cost a full push, as soon as the limit allows. */
  subscribe(feed: Feed, request: Subscribe, remarks: Remarks): void {
    this.#gate.pass(feed, (waited) => {
      // (I7) Answers overtake a subscribe that waits: what it says the sink keeps may be out of date, and counts for nothing.
      const overtaken = waited && this.#session.state(feed).phase !== "dormant";
      this.judge(feed, overtaken ? startOver(request) : request, remarks);
      this.#endWhenQuiet();
    });
  }

  /** Takes in a request that costs nothing by itself. */
  judge(feed: Feed, request: Request, { nonce, error }: Remarks): Verdict {
    const verdict = this.#session.handle(feed, request, error && { code: error.code, message: clip(error.message) });
    const fields = { stream: this.#id, peer: this.#port.peer, collection: feed.topic, nonce: clip(nonce) };
    if (verdict === "nacked") {
      this.#deps.log.warn("NACK: the sink refuses this version and is sent the next one", {
        ...fields,
        code: error?.code,
        message: clip(error?.message ?? ""),
      });
    } else this.#deps.log.debug(verdict, fields);
    return verdict;
  }

  /** A request came. @param collection `undefined` when it is for nothing that is served */
  received(collection: Collection | undefined, bytes: number): void {
    this.#deps.observer.requestReceived(collection, bytes);
  }

  /** Something came from the peer that is none of its protocol. */
  failed(how: Status): void {
    this.#deps.observer.receiveFailed(how.code);
    this.end(how);
  }

  /** The sink has said its last word: what is due to it is sent, and then the stream ends well. */
  finish(): void {
    this.#finishing = true;
    this.#endWhenQuiet();
  }

  /** The transport says that the stream is over. */
  closed(reason: Closed): void {
    const code = failureOf(reason);
    if (code !== undefined) this.#deps.observer.receiveFailed(code);
    this.#close();
    this.#deps.log.debug("stream closed", { stream: this.#id, peer: this.#port.peer, reason: reason.kind });
  }

  /** Ends the stream from this side. */
  end(how: Status): void {
    this.#close();
    this.#port.end(how);
  }

  view(): SinkView {
    const { id, annotations } = this.#node;
    return {
      id: this.#id,
      peer: this.#port.peer,
      protocol: this.#protocol,
      sinkId: clip(id),
      annotations: Object.fromEntries([...annotations].map(([key, value]) => [clip(key), clip(value)])),
      since: this.#since,
      collections: [...this.#session.holdings()],
    };
  }

  /** When the oldest push that is not answered yet was sent, wall clock milliseconds; `undefined` when none waits. */
  oldestUnanswered(): number | undefined {
    return this.#session.oldestUnanswered();
  }

  /** Stops waiting for answers to pushes sent before this wall clock time, where there is something newer to send. */
  giveUpUnanswered(before: number): void {
    this.#session.giveUpUnanswered(before);
  }

  /** Takes down what the sink is known to accept, bytes. Whoever wants to be warned of less still is. */
  accepts(messageBytes: number): void {
    this.#largePushBytes = Math.min(messageBytes, this.#deps.largePushBytes ?? messageBytes);
  }

  #warnLarge({ feed, bytes }: Outgoing): void {
    this.#warned ??= new Set();
    if (this.#warned.has(feed)) return;
    this.#warned.add(feed);
    this.#deps.log.warn(
      "a push is larger than many gRPC clients accept: raise the sink's limit, or have it ask for deltas",
      { ...this.fields, collection: feed.topic, bytes },
    );
  }

  #endWhenQuiet(): void {
    if (this.#finishing && this.#gate.waiting === 0) this.#session.whenQuiet(() => this.end(OK));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#gate.close();
    this.#session.close();
    this.#left();
  }
}

function startOver(request: Subscribe): Subscribe {
  return { ...request, held: undefined };
}

/** The code under which the end of a stream counts as a failure to receive; a peer that leaves is none. */
function failureOf(reason: Closed): number | undefined {
  switch (reason.kind) {
    case "failed":
      return reason.status.code;
    case "reset":
      return codes.Internal;
    case "lost":
      return codes.Unavailable;
    case "ended":
    case "cancelled":
      return undefined;
    default:
      return unreachable(reason);
  }
}
