import type { Metadata } from "../../src/grpc/metadata.ts";
import type { Method, Peer, ServerStream } from "../../src/grpc/method.ts";
import type { Status } from "../../src/grpc/status.ts";
import type { Findings } from "./findings.ts";
import type { Line } from "./line.ts";

export interface WitnessDeps {
  readonly findings: Findings;
  readonly lineAt: (address: string) => Line;
  /** Whether the sink of a line may be served, as of now. */
  readonly admits: (line: Line) => boolean;
}

/** The method of a server, behind its door, under the eyes of who judges each thing that it hears, and does. */
export function witnessed(method: Method, deps: WitnessDeps): Method {
  return {
    path: method.path,
    open(stream) {
      const line = deps.lineAt(stream.peer.address);
      line.isServed = true;
      deps.findings.check(deps.admits(line), `I13: ${line.name} is served, and may not be`);
      const seen = new WitnessedStream(stream, line, deps);
      const handler = method.open(seen);
      deps.findings.check(seen.hasHeaders, `I1: ${line.name} is sent no headers at once`);
      return {
        message: (bytes) => line.reaches(() => handler.message(bytes)),
        halfClose: () => line.reaches(() => handler.halfClose()),
        closed(reason) {
          seen.isClosed = true;
          handler.closed(reason);
        },
      };
    },
  };
}

class WitnessedStream implements ServerStream {
  readonly peer: Peer;
  readonly path: string;
  readonly metadata: Metadata;
  hasHeaders = false;
  isClosed = false;
  readonly #stream: ServerStream;
  readonly #line: Line;
  readonly #deps: WitnessDeps;

  constructor(stream: ServerStream, line: Line, deps: WitnessDeps) {
    this.peer = stream.peer;
    this.path = stream.path;
    this.metadata = stream.metadata;
    this.#stream = stream;
    this.#line = line;
    this.#deps = deps;
  }

  sendHeaders(metadata?: Metadata): void {
    this.hasHeaders = true;
    this.#stream.sendHeaders(metadata);
  }

  send(pieces: readonly Uint8Array[]): Promise<boolean> {
    const { findings, admits } = this.#deps;
    const line = this.#line;
    findings.check(!this.isClosed, `a push is made for ${line.name}, which is gone`);
    if (!line.call.isEnded) {
      findings.check(admits(line), `I14: ${line.name} is sent something, and may no longer be served`);
      line.oracle.sends(Buffer.concat(pieces));
    }
    return this.#stream.send(pieces);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  end(status: Status): void {
    this.#stream.end(status);
  }
}
