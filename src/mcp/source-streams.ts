import { type Status, status } from "../grpc/status.ts";
import { type SinkView, type SourcePort, SourceStream, type SourceStreamDeps } from "./source-stream.ts";

const unanswered = status("DeadlineExceeded", "a push was not answered within the deadline");

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
    const stream = new SourceStream(this.#deps, port, this.#deps.nextStreamId?.() ?? ++this.#lastId, () =>
      this.#open.delete(stream),
    );
    this.#open.add(stream);
    return stream;
  }

  /** The connected sinks, in the order in which they came. */
  *views(): IterableIterator<SinkView> {
    for (const stream of this.#open) yield stream.view();
  }

  /** When the oldest push of all streams that is not answered yet was sent, wall clock milliseconds. */
  oldestUnanswered(): number | undefined {
    let oldest: number | undefined;
    for (const stream of this.#open) {
      const sentAt = stream.oldestUnanswered();
      if (sentAt !== undefined && (oldest === undefined || sentAt < oldest)) oldest = sentAt;
    }
    return oldest;
  }

  /** Ends the streams that have owed an answer since before this wall clock time; they come back and start over. */
  endUnanswered(before: number): void {
    for (const stream of this.#open) {
      const sentAt = stream.oldestUnanswered();
      if (sentAt !== undefined && sentAt < before) stream.end(unanswered);
    }
  }

  /** Ends every stream. */
  endAll(how: Status = status("Unavailable", "server canceled watch")): void {
    for (const stream of this.#open) stream.end(how);
  }
}
