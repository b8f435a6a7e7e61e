import { Duplex } from "node:stream";

/** A write of the server that has not been carried over whole. */
interface Load {
  bytes: Buffer;
  readonly carried: () => void;
}

/**
 * A connection in memory. What the client sends arrives by itself; what the server sends is carried over as the test says, so
 * that a client which does not read holds the server back.
 */
export class Cable {
  readonly server: End;
  readonly client: End;
  /** Grows whenever something happens here. */
  moves = 0;
  readonly #loads: Load[] = [];

  /** @param port of the client, as the server sees it */
  constructor(port: number) {
    this.server = new End(port, (bytes, carried) => {
      this.moves++;
      this.#loads.push({ bytes, carried });
    });
    this.client = new End(port, (bytes, carried) => {
      this.moves++;
      // Not from within the write: neither end is used to being called back by its own doing.
      setImmediate(() => {
        this.moves++;
        this.server.arrive(bytes);
        carried();
      });
    });
    for (const [end, other] of [
      [this.server, this.client],
      [this.client, this.server],
    ] as const) {
      end.on("error", () => undefined);
      end.on("close", () => {
        this.moves++;
        setImmediate(() => other.destroy());
      });
    }
  }

  /** Whether there is something to carry over to the client. */
  get isLoaded(): boolean {
    return this.#loads.length > 0 && !this.client.destroyed;
  }

  /** Carries over to the client up to so many bytes. */
  carry(maxBytes: number): void {
    for (let left = maxBytes; left > 0 && this.isLoaded;) {
      const load = this.#loads[0]!;
      const piece = load.bytes.subarray(0, left);
      left -= piece.length;
      this.moves++;
      this.client.arrive(piece);
      load.bytes = load.bytes.subarray(piece.length);
      if (load.bytes.length > 0) continue;
      this.#loads.shift();
      load.carried();
    }
  }

  /** The connection is gone, for both ends. */
  cut(): void {
    this.server.destroy();
    this.client.destroy();
  }
}

/** One end, with what a server asks of a socket. */
class End extends Duplex {
  readonly remoteAddress: string = "10.0.0.1";
  readonly remotePort: number;
  bytesRead = 0;
  readonly #send: (bytes: Buffer, carried: () => void) => void;

  constructor(port: number, send: (bytes: Buffer, carried: () => void) => void) {
    super();
    this.remotePort = port;
    this.#send = send;
  }

  arrive(bytes: Buffer): void {
    if (this.destroyed) return;
    this.bytesRead += bytes.length;
    this.push(bytes);
  }

  override _read(): void {
    // What comes is pushed.
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, written: () => void): void {
    this.#send(bytes, written);
  }

  override _final(finished: () => void): void {
    finished();
    setImmediate(() => this.destroy());
  }
}
