import { status, type Status } from "../../grpc/status.ts";
import type { ServerStream, StreamHandler } from "../../grpc/method.ts";
import { MAX_UNSENT, type Port } from "../../grpc/dial/port.ts";

/** A stream that a source dialled, as the sink's conversation sees it: one message at a time, answers in a row. */
export class ServerPort implements Port, StreamHandler {
  readonly #stream: ServerStream;
  readonly #over = new AbortController();
  readonly #unsent: Uint8Array[] = [];
  #sending = false;
  #sent: Promise<void> = Promise.resolve();
  #message: Uint8Array | undefined;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(stream: ServerStream) {
    this.#stream = stream;
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const message = this.#message;
      if (message !== undefined) {
        this.#message = undefined;
        return message;
      }
      if (this.#ended) return undefined;
      this.#stream.resume();
      // What came while resuming is already here, and nobody would wake us for it.
      if (this.#message !== undefined || this.#ended) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  post(bytes: Uint8Array): void {
    if (this.#unsent.length >= MAX_UNSENT) {
      this.end(status("ResourceExhausted", "the source reads no answers"));
      return;
    }
    this.#unsent.push(bytes);
    if (!this.#sending) this.#sent = this.#send();
  }

  /** Resolves when all that was posted has been sent, or never will be. */
  drained(): Promise<void> {
    return this.#sent;
  }

  /** Ends the stream from this side. */
  end(how: Status): void {
    this.#finish();
    this.#stream.end(how);
  }

  message(bytes: Uint8Array): void {
    this.#stream.pause();
    // The transport's bytes may be a view of much more, which what is kept of them would keep too.
    this.#message = Uint8Array.from(bytes);
    this.#wake?.();
  }

  halfClose(): void {
    this.#ended = true;
    this.#wake?.();
  }

  closed(): void {
    this.#finish();
  }

  async #send(): Promise<void> {
    this.#sending = true;
    for (let bytes = this.#unsent.shift(); bytes !== undefined; bytes = this.#unsent.shift()) {
      if (!(await this.#stream.send([bytes]))) this.#unsent.length = 0;
    }
    this.#sending = false;
  }

  #finish(): void {
    this.#ended = true;
    this.#over.abort();
    this.#wake?.();
  }
}
