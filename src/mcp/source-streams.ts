import { type Status, status } from "../grpc/status.ts";
import { type SinkView, type SourcePort, SourceStream, type SourceStreamDeps } from "./source-stream.ts";

/** The open streams of a source in one direction. */
export class SourceStreams {
  readonly #deps: SourceStreamDeps;
  readonly #open = new Set<SourceStream>();
  #lastId = 0;

  constructor(deps: SourceStreamDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Begins to serve the sink at the other end of the port. */
  open(port: SourcePort): SourceStream {
    const stream = new SourceStream(this.#deps, port, ++this.#lastId, () => this.#open.delete(stream));
    this.#open.add(stream);
    return stream;
  }

  /** The connected sinks, in the order in which they came. */
  *views(): IterableIterator<SinkView> {
    for (const stream of this.#open) yield stream.view();
  }

  /** Ends every stream. */
  endAll(how: Status = status("Unavailable", "server canceled watch")): void {
    for (const stream of this.#open) stream.end(how);
  }
}
