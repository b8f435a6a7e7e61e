import type { Metadata } from "../grpc/metadata.ts";
import type { Method } from "../grpc/method.ts";
import { SOURCE_STREAM } from "./protocol.ts";
import type { SinkView } from "../serving/view.ts";
import type { SourceStreamDeps } from "./source-stream.ts";
import { SourceStreams } from "./source-streams.ts";

export interface SourceServiceDeps extends SourceStreamDeps {
  /** Response headers of every stream: the build's version and what `--sinkMeta` names. */
  readonly headers: Metadata;
}

/** `istio.mcp.v1alpha1.ResourceSource` for any number of sinks. */
export class SourceService {
  readonly method: Method;
  readonly #streams: SourceStreams;

  constructor(deps: SourceServiceDeps) {
    this.#streams = new SourceStreams(deps);
    this.method = {
      path: SOURCE_STREAM,
      open: (stream) => {
        // (I1) Sinks look at the headers before they say anything.
        stream.sendHeaders(deps.headers);
        return this.#streams.serve(stream);
      },
    };
  }

  get sinkCount(): number {
    return this.#streams.size;
  }

  /** The connected sinks, in the order in which they came. */
  sinks(): IterableIterator<SinkView> {
    return this.#streams.views();
  }

  /** When the oldest push that no answer has come for was sent, as `Clock.now` told; `undefined` when none waits. */
  oldestUnanswered(): number | undefined {
    return this.#streams.oldestUnanswered();
  }

  /** Ends streams whose sinks have owed an answer since before this time (`Clock.now`). */
  endUnanswered(before: number): void {
    this.#streams.endUnanswered(before);
  }

  /** Ends every stream with UNAVAILABLE; sinks come back by themselves. */
  cancelWatches(): void {
    this.#streams.endAll();
  }
}
