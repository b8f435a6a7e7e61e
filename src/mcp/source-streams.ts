import type { StreamHandler } from "../grpc/method.ts";
import type { SinkPort } from "../serving/sink-stream.ts";
import { SinkStreams } from "../serving/sink-streams.ts";
import { SourceStream, type SourceStreamDeps } from "./source-stream.ts";

/** The open MCP streams of a source in one direction. */
export class SourceStreams extends SinkStreams {
  readonly #source: SourceStreamDeps;

  constructor(deps: SourceStreamDeps) {
    super(deps);
    this.#source = deps;
  }

  /** Begins to serve the sink at the other end of the port over MCP. */
  serve(port: SinkPort): StreamHandler {
    return this.open(port, "mcp", (sink) => new SourceStream(this.#source, sink));
  }
}
