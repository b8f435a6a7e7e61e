import { type Holding, Session, type SessionDeps } from "../distribution/session.ts";
import type { Nonce, Request } from "../distribution/subscription.ts";
import type { Metadata } from "../grpc/metadata.ts";
import type { Closed, Method, ServerStream, StreamHandler } from "../grpc/method.ts";
import { codes, OK, type Status, status } from "../grpc/status.ts";
import type { BucketOptions } from "../lib/token-bucket.ts";
import type { Logger } from "../lib/logger.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { CollectionRegistry } from "../model/collections.ts";
import { SubscribeGate } from "./admission.ts";
import { SOURCE_STREAM, TRIGGER_COLLECTION } from "./protocol.ts";
import { decodeRequest, type RequestResources } from "./request.ts";

export interface SourceServiceDeps extends SessionDeps {
  /** The collections that are served. */
  readonly registry: CollectionRegistry;
  readonly log: Logger;
  /** Response headers of every stream: the build's version and what `--sinkMeta` names. */
  readonly headers: Metadata;
  readonly limit?: BucketOptions;
  /** Whether sinks that ask for deltas get them; everything otherwise. */
  readonly deltas?: boolean;
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

/** `istio.mcp.v1alpha1.ResourceSource` for any number of sinks. */
export class SourceService {
  readonly method: Method;
  readonly #streams = new Set<SinkStream>();
  #lastId = 0;

  constructor(deps: SourceServiceDeps) {
    this.method = {
      path: SOURCE_STREAM,
      open: (stream) => {
        const sink = new SinkStream(deps, stream, ++this.#lastId, () => this.#streams.delete(sink));
        this.#streams.add(sink);
        return sink;
      },
    };
  }

  get sinkCount(): number {
    return this.#streams.size;
  }

  /** The connected sinks, in the order in which they came. */
  *sinks(): IterableIterator<SinkView> {
    for (const stream of this.#streams) yield stream.view();
  }

  /** Ends every stream with UNAVAILABLE; sinks come back by themselves. */
  cancelWatches(): void {
    for (const stream of this.#streams) stream.end(status("Unavailable", "server canceled watch"));
  }
}

/** Longest text of a sink that is kept for people, characters. */
const MAX_TEXT = 1024;

/** One sink's stream: judges what comes in and lets the session answer. */
class SinkStream implements StreamHandler {
  readonly #deps: SourceServiceDeps;
  readonly #stream: ServerStream;
  readonly #id: number;
  readonly #session: Session;
  readonly #gate: SubscribeGate;
  readonly #left: () => void;
  readonly #since: number;
  #closed = false;
  #node: Pick<RequestResources, "sinkId" | "annotations"> = { sinkId: "", annotations: new Map() };

  constructor(deps: SourceServiceDeps, stream: ServerStream, id: number, left: () => void) {
    this.#deps = deps;
    this.#stream = stream;
    this.#id = id;
    this.#left = left;
    this.#since = deps.clock.wall();
    this.#gate = new SubscribeGate(deps.clock, deps.limit);
    this.#session = new Session(deps, (pieces) => stream.send(pieces));
    // (I1) Sinks look at the headers before they say anything.
    stream.sendHeaders(deps.headers);
    deps.log.debug("stream opened", { stream: id, peer: stream.peer.address });
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
    this.#node = request;
    const judged = toRequest(request, this.#deps.deltas ?? true);
    if (judged.kind === "subscribe") this.#gate.pass(spec.name, () => this.#judge(spec.name, judged, request));
    else this.#judge(spec.name, judged, request);
  }

  halfClose(): void {
    this.end(OK);
  }

  closed(reason: Closed): void {
    const code = failureOf(reason);
    if (code !== undefined) this.#deps.observer.receiveFailed(code);
    this.#close();
    this.#deps.log.debug("stream closed", { stream: this.#id, peer: this.#stream.peer.address, reason: reason.kind });
  }

  end(how: Status): void {
    this.#close();
    this.#stream.end(how);
  }

  view(): SinkView {
    return {
      id: this.#id,
      peer: this.#stream.peer.address,
      sinkId: clip(this.#node.sinkId),
      annotations: Object.fromEntries([...this.#node.annotations].map(([key, value]) => [clip(key), clip(value)])),
      since: this.#since,
      collections: [...this.#session.holdings()],
    };
  }

  #judge(collection: Parameters<Session["handle"]>[0], judged: Request, { error, nonce }: RequestResources): void {
    const verdict = this.#session.handle(
      collection,
      judged,
      error && { code: error.code, message: clip(error.message) },
    );
    const fields = { stream: this.#id, peer: this.#stream.peer.address, collection, nonce };
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
      peer: this.#stream.peer.address,
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
