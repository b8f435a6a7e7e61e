import { everything } from "../distribution/interest.ts";
import type { Nonce, Subscribe } from "../distribution/subscription.ts";
import type { Closed, StreamHandler } from "../grpc/method.ts";
import { codes, status } from "../grpc/status.ts";
import type { CollectionRegistry } from "../model/collections.ts";
import type { ServingDeps, SinkStream } from "../serving/sink-stream.ts";
import { clip } from "../serving/view.ts";
import type { Hub } from "../snapshot/hub.ts";
import { TRIGGER_COLLECTION } from "./protocol.ts";
import { decodeRequest, type RequestResources } from "./request.ts";

/** What the streams of a source are made of, in either direction. */
export interface SourceStreamDeps extends ServingDeps {
  readonly hub: Hub;
  /** The collections that are served. */
  readonly registry: CollectionRegistry;
  /** Whether sinks that ask for deltas get them; everything otherwise. */
  readonly deltas?: boolean;
}

/** One stream to an MCP sink, whoever dialled: reads what comes in, and lets the session answer. */
export class SourceStream implements StreamHandler {
  readonly #deps: SourceStreamDeps;
  readonly #sink: SinkStream;

  constructor(deps: SourceStreamDeps, sink: SinkStream) {
    this.#deps = deps;
    this.#sink = sink;
  }

  message(bytes: Uint8Array): void {
    if (!this.#sink.takes()) return;
    const request = decodeRequest(bytes);
    if (request === undefined) {
      this.#sink.failed(status("Internal", "the message is not an istio.mcp.v1alpha1.RequestResources"));
      return;
    }
    if (isTriggerAnswer(request)) {
      this.#identify(request);
      this.#sink.wasUseless();
      return;
    }
    const spec = this.#deps.registry.get(request.collection);
    this.#deps.observer.requestReceived(spec?.name, bytes.length);
    if (spec === undefined) {
      this.#refuse(request.collection);
      return;
    }
    // Of the request nothing else is kept, a resume may be large.
    this.#identify(request);
    const feed = this.#deps.hub.feed(spec.name);
    const { nonce, error } = request;
    const incremental = request.incremental && (this.#deps.deltas ?? true);
    const remarks = { nonce, error };
    if (nonce === "") this.#sink.subscribe(feed, subscribe(request, incremental), remarks);
    else {
      const kind = error === undefined ? "ack" : "nack";
      this.#sink.judge(feed, { kind, nonce: nonce as Nonce, incremental }, remarks);
    }
  }

  halfClose(): void {
    this.#sink.finish();
  }

  closed(reason: Closed): void {
    this.#sink.closed(reason);
  }

  #identify({ sinkId, annotations }: RequestResources): void {
    this.#sink.identify({ id: sinkId, annotations });
  }

  #refuse(collection: string): void {
    const name = JSON.stringify(clip(collection));
    this.#sink.warn(`the sink asks for ${name}, which is not served; its stream ends`);
    this.#sink.refuse(status("InvalidArgument", `unsupported collection ${name}`));
  }
}

/** A sink that is called by a source refuses the trigger message like this; it means nothing (spec row 1). */
function isTriggerAnswer({ collection, error }: RequestResources): boolean {
  return collection === TRIGGER_COLLECTION && error?.code === codes.Unimplemented;
}

/** (I7) A resume is trusted only as a whole: without kept versions the first push is full, so that nothing stale survives. */
function subscribe({ kept }: RequestResources, incremental: boolean): Subscribe {
  return { kind: "subscribe", interest: everything, incremental, held: kept.size > 0 ? kept : undefined };
}
