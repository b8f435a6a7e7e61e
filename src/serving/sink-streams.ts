import type { StreamHandler } from "../grpc/method.ts";
import { PeerWarnings } from "../grpc/peer-warnings.ts";
import { type Status, status } from "../grpc/status.ts";
import { type ServingDeps, type SinkPort, SinkStream, type SinkStreamDeps } from "./sink-stream.ts";
import type { Protocol, SinkView } from "./view.ts";

const unanswered = status("DeadlineExceeded", "a push was not answered within the deadline");

/** The open streams of one service. */
export class SinkStreams {
  readonly #deps: SinkStreamDeps;
  readonly #open = new Set<SinkStream>();
  #lastId = 0;

  constructor(deps: ServingDeps) {
    this.#deps = { ...deps, warnings: new PeerWarnings(deps.clock, deps.log) };
  }

  get size(): number {
    return this.#open.size;
  }

  /** Begins to serve the sink at the other end of the port. @param speak the protocol that the stream is served by */
  open(port: SinkPort, protocol: Protocol, speak: (sink: SinkStream) => StreamHandler): StreamHandler {
    const id = this.#deps.nextStreamId?.() ?? ++this.#lastId;
    return speak(new SinkStream(this.#deps, port, id, protocol, this.#open));
  }

  /** The connected sinks, in the order in which they came. */
  *views(): IterableIterator<SinkView> {
    for (const sink of this.#open) yield sink.view();
  }

  /** When the oldest push of all streams that is not answered yet was sent, as `Clock.now` told. */
  oldestUnanswered(): number | undefined {
    let oldest: number | undefined;
    for (const sink of this.#open) {
      const sentAt = sink.oldestUnanswered();
      if (sentAt !== undefined && (oldest === undefined || sentAt < oldest)) oldest = sentAt;
    }
    return oldest;
  }

  /** Ends the streams that have owed an answer since before this time (`Clock.now`); they come back and start over. */
  endUnanswered(before: number): void {
    for (const sink of this.#open) {
      const sentAt = sink.oldestUnanswered();
      if (sentAt !== undefined && sentAt < before) sink.refuse(unanswered);
    }
  }

  /** Sends what is newer in place of answers that streams have owed since before this time. */
  giveUpUnanswered(before: number): void {
    for (const sink of this.#open) sink.giveUpUnanswered(before);
  }

  /** Ends every stream. */
  endAll(how: Status = status("Unavailable", "server canceled watch")): void {
    for (const sink of this.#open) sink.end(how);
  }
}
