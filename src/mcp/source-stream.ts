import { type Holding, type Outgoing, Session, type SessionDeps } from "../distribution/session.ts";
import type { Nonce, Request } from "../distribution/subscription.ts";
import type { Closed, StreamHandler } from "../grpc/method.ts";
import { codes, OK, type Status, status } from "../grpc/status.ts";
import type { BucketOptions } from "../lib/token-bucket.ts";
import type { Logger } from "../lib/logger.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { CollectionRegistry } from "../model/collections.ts";
import type { Collection } from "../model/names.ts";
import { SubscribeGate } from "./admission.ts";
import { TRIGGER_COLLECTION } from "./protocol.ts";
import { decodeRequest, type RequestResources } from "./request.ts";

/** What the streams of a source are made of, in either direction. */
export interface SourceStreamDeps extends SessionDeps {
  /** The collections that are served. */
  readonly registry: CollectionRegistry;
  readonly log: Logger;
  readonly limit?: BucketOptions;
  /** Whether sinks that ask for deltas get them; everything otherwise. */
  readonly deltas?: boolean;
  /** Numbers the streams; each direction counts from 1 unless both are given one count. */
  readonly nextStreamId?: () => number;
  /** Size from which on a push is warned about, bytes: gRPC clients refuse messages over 4 MiB unless told otherwise. */
  readonly largePushBytes?: number;
}

/** The transport under one stream. */
export interface SourcePort {
  /** Who is at the other end, for people. */
  readonly peer: string;
  send(pieces: readonly Uint8Array[]): Promise<boolean>;
  /** Ends the stream; the sink learns of the status if the transport can tell it. */
  end(how: Status): void;
}

/** A connected sink, for people. */
export interface SinkView {
  readonly id: number;
  readonly peer: string;
  /** What the sink calls itself; not authenticated. */
  readonly sinkId: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Wall clock milliseconds. */
  readonly since: number;
  readonly collections: readonly Holding[];
}

/** The largest message that gRPC clients take unless they are told otherwise. */
const LARGE_PUSH_BYTES = 4 * 1024 * 1024;

/** Longest text of a sink that is kept for people, characters. */
const MAX_TEXT = 1024;

/** One stream to a sink, whoever dialled: judges what comes in and lets the session answer. */
export class SourceStream implements StreamHandler {
  readonly #deps: SourceStreamDeps;
  readonly #port: SourcePort;
  readonly #id: number;
  readonly #session: Session;
  readonly #gate: SubscribeGate;
  readonly #left: () => void;
  readonly #since: number;
  /** Collections whose size was warned about; once is enough for a stream. */
  readonly #warned = new Set<Collection>();
  #closed = false;
  #node: Pick<RequestResources, "sinkId" | "annotations"> = { sinkId: "", annotations: new Map() };

  /** @param left called once, when the stream is over */
  constructor(deps: SourceStreamDeps, port: SourcePort, id: number, left: () => void) {
    this.#deps = deps;
    this.#port = port;
    this.#id = id;
    this.#left = left;
    this.#since = deps.clock.wall();
    this.#gate = new SubscribeGate(deps.clock, deps.limit);
    this.#session = new Session(deps, (pieces, what) => {
      if (what.bytes > (deps.largePushBytes ?? LARGE_PUSH_BYTES)) this.#warnLarge(what);
      return port.send(pieces);
    });
    deps.log.debug("stream opened", { stream: id, peer: port.peer });
  }

  message(bytes: Uint8Array): void {
    if (this.#closed) return;
    const request = decodeRequest(bytes);
    if (request === undefined) {
      this.#deps.observer.receiveFailed(codes.Internal);
      this.end(status("Internal", "the message is not an istio.mcp.v1alpha1.RequestResources"));
      return;
    }
    if (isTriggerAnswer(request)) return;
    const spec = this.#deps.registry.get(request.collection);
    this.#deps.observer.requestReceived(spec?.name, bytes.length);
    if (spec === undefined) {
      this.#refuse(request.collection);
      return;
    }
    const { sinkId, annotations } = request;
    // Not every sink names itself on each request; and of the request nothing else is kept, a resume may be large.
    if (sinkId !== "" || annotations.size > 0) this.#node = { sinkId, annotations };
    const judged = toRequest(request, this.#deps.deltas ?? true);
    if (judged.kind === "subscribe") this.#subscribe(spec.name, judged, request);
    else this.#judge(spec.name, judged, request);
  }

  halfClose(): void {
    this.end(OK);
  }

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
    return {
      id: this.#id,
      peer: this.#port.peer,
      sinkId: clip(this.#node.sinkId),
      annotations: Object.fromEntries([...this.#node.annotations].map(([key, value]) => [clip(key), clip(value)])),
      since: this.#since,
      collections: [...this.#session.holdings()],
    };
  }

  /** When the oldest push that is not answered yet was sent, wall clock milliseconds; `undefined` when none waits. */
  oldestUnanswered(): number | undefined {
    return this.#session.oldestUnanswered();
  }

  #warnLarge({ collection, bytes }: Outgoing): void {
    if (this.#warned.has(collection)) return;
    this.#warned.add(collection);
    this.#deps.log.warn(
      "a push is larger than many gRPC clients accept: raise the sink's limit, or have it ask for deltas",
      {
        stream: this.#id,
        peer: this.#port.peer,
        sink: clip(this.#node.sinkId),
        collection,
        bytes,
      },
    );
  }

  #subscribe(collection: Collection, judged: Request & { kind: "subscribe" }, request: RequestResources): void {
    this.#gate.pass(collection, (waited) => {
      // (I7) Answers overtake a subscribe that waits: what it says the sink keeps may be out of date, and counts for nothing.
      const overtaken = waited && this.#session.phase(collection) !== "dormant";
      this.#judge(collection, overtaken ? { ...judged, kept: new Map() } : judged, request);
    });
  }

  #judge(collection: Collection, judged: Request, { error, nonce }: RequestResources): void {
    const verdict = this.#session.handle(
      collection,
      judged,
      error && { code: error.code, message: clip(error.message) },
    );
    const fields = { stream: this.#id, peer: this.#port.peer, collection, nonce };
    if (verdict === "nacked") {
      this.#deps.log.warn("NACK: the sink refuses this version and is sent the next one", {
        ...fields,
        code: error?.code,
        message: clip(error?.message ?? ""),
      });
    } else this.#deps.log.debug(verdict, fields);
  }

  #refuse(collection: string): void {
    const name = JSON.stringify(clip(collection));
    this.#deps.log.warn(`the sink asks for ${name}, which is not served; its stream ends`, {
      stream: this.#id,
      peer: this.#port.peer,
      sink: clip(this.#node.sinkId),
    });
    this.end(status("InvalidArgument", `unsupported collection ${name}`));
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#gate.close();
    this.#session.close();
    this.#left();
  }
}

/** A sink that is called by a source refuses the trigger message like this; it means nothing (spec row 1). */
function isTriggerAnswer({ collection, error }: RequestResources): boolean {
  return collection === TRIGGER_COLLECTION && error?.code === codes.Unimplemented;
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

function toRequest({ nonce, error, incremental: wish, kept }: RequestResources, deltas: boolean): Request {
  const incremental = wish && deltas;
  if (nonce === "") return { kind: "subscribe", incremental, kept };
  return { kind: error === undefined ? "ack" : "nack", nonce: nonce as Nonce, incremental };
}

function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
