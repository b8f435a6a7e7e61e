import { codes } from "../status.ts";
import { MAX_UNSENT, type Port } from "./port.ts";
import type { AttemptEnd } from "./reconnect.ts";
import type { ClientStream } from "./stream.ts";

/** A stream that we dialled. */
export class ClientPort implements Port {
  readonly #stream: ClientStream;
  readonly #onHeaders: (metadata: Readonly<Record<string, string>>) => void;
  #end: AttemptEnd | undefined;

  constructor(stream: ClientStream, onHeaders: (metadata: Readonly<Record<string, string>>) => void) {
    this.#stream = stream;
    this.#onHeaders = onHeaders;
  }

  get signal(): AbortSignal {
    return this.#stream.signal;
  }

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const incoming = await this.#stream.next();
      if (incoming.kind === "message") return incoming.bytes;
      if (incoming.kind === "end") {
        this.#end = incoming.end;
        return undefined;
      }
      if (incoming.kind === "headers") this.#onHeaders(incoming.metadata);
    }
  }

  post(bytes: Uint8Array): void {
    // Not awaited: a server may be blocked on a push to us while our answer waits for it to read.
    void this.#stream.send(bytes);
    if (this.#stream.unsent > MAX_UNSENT) {
      this.#stream.cancel(codes.ResourceExhausted, "the server reads no answers");
    }
  }

  /** How the stream ended; what still comes before the end is dropped. */
  async end(): Promise<AttemptEnd> {
    while (this.#end === undefined) await this.next();
    return this.#end;
  }
}
