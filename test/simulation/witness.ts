import type { Metadata } from "../../src/grpc/metadata.ts";
import type { Method, Peer, ServerStream } from "../../src/grpc/method.ts";
import type { Status } from "../../src/grpc/status.ts";
import type { Findings } from "./findings.ts";

/** One stream, as those who judge it have it. */
export interface Watched {
  readonly name: string;
  readonly call: { readonly isEnded: boolean };
  /** Whether the server has let it through to what is served. */
  isServed: boolean;
  /** Runs `hand`, by which the server hears the next thing that was said. */
  reaches(hand: () => void): void;
  /** The server hands a message to the transport. */
  sends(bytes: Uint8Array): void;
}

export interface WitnessDeps<W extends Watched> {
  readonly findings: Findings;
  readonly lineAt: (address: string) => W;
  /** Whether the sink of a line may be served, as of now. */
  readonly admits: (line: W) => boolean;
}

/** The method of a server, behind its door, under the eyes of who judges each thing that it hears, and does. */
export function witnessed<W extends Watched>(method: Method, deps: WitnessDeps<W>): Method {
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

class WitnessedStream<W extends Watched> implements ServerStream {
  readonly peer: Peer;
  readonly path: string;
  readonly metadata: Metadata;
  hasHeaders = false;
  isClosed = false;
  readonly #stream: ServerStream;
  readonly #line: W;
  readonly #deps: WitnessDeps<W>;

  constructor(stream: ServerStream, line: W, deps: WitnessDeps<W>) {
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
      line.sends(Buffer.concat(pieces));
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
