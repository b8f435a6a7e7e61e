import type { Excess } from "../distribution/peer-memory.ts";
import { askedBytes, remembered } from "../distribution/remembered.ts";
import { Session, type SessionDeps } from "../distribution/session.ts";
import type { Request, Subscribe } from "../distribution/subscription.ts";
import type { Outlet } from "../distribution/writer.ts";
import type { Closed, Peer } from "../grpc/method.ts";
import type { PeerWarnings } from "../grpc/peer-warnings.ts";
import { OK, type Status } from "../grpc/status.ts";
import type { LogFields, Logger } from "../lib/logger.ts";
import type { BucketOptions } from "../lib/token-bucket.ts";
import type { Collection } from "../model/names.ts";
import type { Feed } from "../snapshot/feed.ts";
import { tooMuchRemembered, worthWaiting } from "./claims.ts";
import { failureOf } from "./failure.ts";
import { Intake, type Tap } from "./intake.ts";
import { SubscribeGate } from "./subscribe-gate.ts";
import { clip, kept, type Protocol, type SinkNode, type SinkView } from "./view.ts";

/** What the streams to sinks are made of, in any protocol and either direction. */
export interface ServingDeps extends SessionDeps {
  readonly log: Logger;
  readonly limit?: BucketOptions;
  /** Numbers the streams; each service counts from 1 unless all are given one count. */
  readonly nextStreamId?: () => number;
  /** Size from which on the operator wants to be warned of a push, bytes; only what sinks may refuse is large without it. */
  readonly largePushBytes?: number;
}

/** What the streams of one service share. */
export interface SinkStreamDeps extends ServingDeps {
  /** Where sinks are warned about, whatever stream it is on. */
  readonly warnings: PeerWarnings;
}

/** The transport under one stream. */
export interface SinkPort extends Tap {
  /** Who is at the other end, for people. */
  readonly peer: Peer;
  send(pieces: readonly Uint8Array[]): Promise<boolean>;
  /** Ends the stream; the sink learns of the status if the transport can tell it. */
  end(how: Status): void;
}

/** What comes with a request and is no part of how it is judged. */
export interface Remarks {
  readonly nonce: string;
  readonly error: { readonly code: number; readonly message: string } | undefined;
}

/** What people are shown among the annotations of a sink, though the sink did not say it. */
type Surmise = readonly [about: string, what: string];

/** The largest message that gRPC clients take unless they are told otherwise. */
const USUALLY_ACCEPTED_BYTES = 4 * 1024 * 1024;

const unknown: SinkNode = { id: "", annotations: new Map() };

/** What every protocol does alike for one stream to a sink: limits, the session, logs, and what people are shown. */
export class SinkStream implements Outlet {
  readonly #deps: SinkStreamDeps;
  readonly #port: SinkPort;
  readonly #id: number;
  readonly #protocol: Protocol;
  readonly #session: Session;
  readonly #gate: SubscribeGate;
  readonly #intake: Intake;
  readonly #open: Set<SinkStream>;
  readonly #since: number;
  /** Feeds whose size was warned about; once is enough for a stream. Made with the first. */
  #warned: Set<Feed> | undefined;
  #largePushBytes: number;
  /** Whether it was said that the sink is held back; once is enough for a stream. */
  #isHeldBackKnown = false;
  #closed = false;
  #finishing = false;
  #node: SinkNode = unknown;
  #surmise: Surmise | undefined;

  /** @param open the open streams, which this is one of until it is over */
  constructor(deps: SinkStreamDeps, port: SinkPort, id: number, protocol: Protocol, open: Set<SinkStream>) {
    this.#deps = deps;
    this.#port = port;
    this.#id = id;
    this.#protocol = protocol;
    this.#open = open;
    this.#since = deps.clock.wall();
    this.#largePushBytes = deps.largePushBytes ?? USUALLY_ACCEPTED_BYTES;
    this.#intake = new Intake(deps.clock, port);
    this.#session = new Session(deps, this);
    this.#gate = new SubscribeGate(deps.clock, this.#session.memory, deps.limit);
    open.add(this);
    deps.log.debug("stream opened", { stream: id, peer: port.peer.address, protocol });
  }

  /** A message came. Gives whether it is to be dealt with: not once the stream is over. */
  takes(): boolean {
    if (!this.#closed) this.#intake.took();
    return !this.#closed;
  }

  /** The message that is being dealt with changes nothing, and gets no answer. */
  wasUseless(): void {
    if (!this.#intake.wasUseless()) return;
    this.#deps.observer.heldBack();
    if (this.#isHeldBackKnown) return;
    this.#isHeldBackKnown = true;
    this.warn("a sink sends masses of requests that are of no use: it is not read for a second at a time", {
      protocol: this.#protocol,
    });
  }

  /**
   * Warns of something that a sink may do again with every stream that it opens. Of the same, of the same sink, is told once
   * in a while, with how often it came meanwhile.
   * @param detail what else, beside the message and the collection, makes it the same
   */
  warn(message: string, fields: LogFields = {}, detail = ""): void {
    const all = { ...this.#fields, ...fields };
    this.#deps.warnings.warn(this.#port.peer, message, all, fields["collection"], detail);
  }

  /** What log lines about this stream say of it. */
  get #fields(): { readonly stream: number; readonly peer: string; readonly sink: string } {
    return { stream: this.#id, peer: this.#port.peer.address, sink: this.#node.id };
  }

  /** The subscriptions of the stream. */
  get session(): Pick<Session, "state" | "size"> {
    return this.#session;
  }

  /** Takes down what the sink says of itself, as far as it is kept. Not every sink does so on each request. */
  identify(node: SinkNode): void {
    if (node.id !== "" || node.annotations.size > 0) this.#node = kept(node);
  }

  /** Takes down what the sink seems to be, by what it does: instead of what was surmised before. */
  surmise(surmise: Surmise | undefined): void {
    this.#surmise = surmise;
  }

  /** Takes in a request that may cost a full push, as soon as the limit allows. */
  subscribe(feed: Feed, request: Subscribe, remarks: Remarks): void {
    if (this.#gate.admits()) {
      this.judge(feed, request, remarks);
      return;
    }
    const waiting = worthWaiting(request, this.#session.state(feed), feed.latest);
    const bytes = askedBytes(waiting);
    const excess = this.#session.memory.excess(bytes);
    if (excess !== undefined) this.#refuseToRemember(feed, excess);
    else if (this.#gate.wait(feed, { admit: this.#later(feed, waiting, remarks), bytes })) this.wasUseless();
  }

  /** Takes in a request that costs nothing by itself. */
  judge(feed: Feed, request: Request, { nonce, error }: Remarks): void {
    const taken = request.kind === "subscribe" ? remembered(request, feed.latest) : request;
    const verdict = this.#session.handle(feed, taken, error && { code: error.code, message: clip(error.message) });
    if (verdict === "of the stream" || verdict === "of all streams") {
      this.#refuseToRemember(feed, verdict);
      return;
    }
    const fields = { stream: this.#id, peer: this.#port.peer.address, collection: feed.topic, nonce: clip(nonce) };
    if (verdict === "nacked") {
      const message = clip(error?.message ?? "");
      this.warn(
        "NACK: the sink refuses this version and is sent the next one",
        { ...fields, code: error?.code, message },
        message,
      );
    } else this.#deps.log.debug(verdict, fields);
    if (verdict === "stale") this.wasUseless();
  }

  /** A request came. @param collection `undefined` when it is for nothing that is served */
  received(collection: Collection | undefined, bytes: number): void {
    this.#deps.observer.requestReceived(collection, bytes);
  }

  /** Ends the stream because of what the peer says, or does not say: it speaks its protocol, but is not served. */
  refuse(how: Status): void {
    this.#deps.observer.refused(how.code);
    this.end(how);
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

  /** Passes a push on to the transport. */
  send(pieces: readonly Uint8Array[], feed: Feed, bytes: number): Promise<boolean> {
    if (bytes > this.#largePushBytes) this.#warnLarge(feed, bytes);
    return this.#port.send(pieces);
  }

  /** The transport says that the stream is over. */
  closed(reason: Closed): void {
    const code = failureOf(reason);
    if (code !== undefined) this.#deps.observer.receiveFailed(code);
    this.#close();
    this.#deps.log.debug("stream closed", { stream: this.#id, peer: this.#port.peer.address, reason: reason.kind });
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
      peer: this.#port.peer.address,
      protocol: this.#protocol,
      sinkId: id,
      annotations: Object.fromEntries(this.#surmise === undefined ? annotations : [...annotations, this.#surmise]),
      since: this.#since,
      collections: [...this.#session.holdings()],
    };
  }

  /** When the oldest push that is not answered yet was sent, as `Clock.now` told; `undefined` when none waits. */
  oldestUnanswered(): number | undefined {
    return this.#session.oldestUnanswered();
  }

  /** Stops waiting for answers to pushes sent before this time (`Clock.now`), where there is something newer to send. */
  giveUpUnanswered(before: number): void {
    this.#session.giveUpUnanswered(before);
  }

  /** Takes down what the sink is known to accept, bytes. Whoever wants to be warned of less still is. */
  accepts(messageBytes: number): void {
    this.#largePushBytes = Math.min(messageBytes, this.#deps.largePushBytes ?? messageBytes);
  }

  #warnLarge(feed: Feed, bytes: number): void {
    this.#warned ??= new Set();
    if (this.#warned.has(feed)) return;
    this.#warned.add(feed);
    this.warn("a push is larger than many gRPC clients accept: raise the sink's limit, or have it ask for deltas", {
      collection: feed.topic,
      bytes,
    });
  }

  /** Made apart from the request as it came, which would be kept for as long. */
  #later(feed: Feed, request: Subscribe, { nonce, error }: Remarks): () => void {
    const remarks = { nonce: clip(nonce), error: error && { code: error.code, message: clip(error.message) } };
    return () => {
      this.judge(feed, request, remarks);
      this.#endWhenQuiet();
    };
  }

  #refuseToRemember(feed: Feed, excess: Excess): void {
    const how = tooMuchRemembered[excess];
    this.warn(`a sink names too much: ${how.message}`, { collection: feed.topic });
    this.refuse(how);
  }

  #endWhenQuiet(): void {
    if (this.#finishing && this.#gate.waiting === 0) this.#session.whenQuiet(() => this.end(OK));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#gate.close();
    this.#intake.close();
    this.#session.close();
    this.#open.delete(this);
  }
}
