import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";

// Does as little as a sink can: raw frames, nothing decoded but the nonce, which stands at the end of a push.

const PATH = "/istio.mcp.v1alpha1.ResourceSource/EstablishResourceStream";

/** A push, as far as a load client looks at it. */
export interface Arrival {
  readonly at: number;
  readonly bytes: number;
}

/** One sink on a connection of its own, that acknowledges what comes. */
export class LoadSink {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #collection: string;
  readonly #incremental: boolean;
  readonly #onPush: (arrival: Arrival) => void;
  /** Whether the connection came about. */
  readonly opened: Promise<boolean>;
  /** Resolves when the connection is gone, whoever closed it. */
  readonly closed: Promise<void>;
  #chunks: Buffer[] = [];
  #have = 0;
  #need = 5;

  constructor(address: string, collection: string, incremental: boolean, onPush: (arrival: Arrival) => void) {
    this.#collection = collection;
    this.#incremental = incremental;
    this.#onPush = onPush;
    this.#session = connect(`http://${address}`, { settings: { initialWindowSize: 1 << 20 } });
    this.opened = new Promise((resolve) => {
      this.#session.once("connect", () => {
        this.#session.setLocalWindowSize(1 << 20);
        resolve(true);
      });
      this.#session.on("error", () => resolve(false));
    });
    this.closed = new Promise((resolve) => this.#session.once("close", resolve));
    this.#stream = this.#session.request({
      ":method": "POST",
      ":path": PATH,
      "content-type": "application/grpc",
      te: "trailers",
    });
    this.#stream.on("error", () => undefined);
    this.#stream.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#send("");
  }

  close(): void {
    this.#session.destroy();
  }

  #send(nonce: string): void {
    const fields = [field(2, this.#collection)];
    if (nonce !== "") fields.push(field(4, nonce));
    if (this.#incremental) fields.push(Buffer.from([6 << 3, 1]));
    const message = Buffer.concat(fields);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    this.#stream.write(Buffer.concat([prefix, message]));
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    while (this.#have >= this.#need) {
      const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      this.#chunks = [all];
      const size = 5 + all.readUInt32BE(1);
      if (all.length < size) {
        this.#need = size;
        return;
      }
      const message = all.subarray(5, size);
      const rest = all.subarray(size);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#have = rest.length;
      this.#need = 5;
      this.#onPush({ at: performance.now(), bytes: message.length });
      this.#send(nonceOf(message));
    }
  }
}

/** The nonce is the last field but for the flag of a delta: `2a <length> <digits>` [`30 01`]. */
function nonceOf(message: Buffer): string {
  const end = message.at(-2) === 0x30 ? message.length - 2 : message.length;
  for (let length = 1; length < 12; length++) {
    const at = end - length - 2;
    if (message[at] === 0x2a && message[at + 1] === length) return message.toString("latin1", at + 2, end);
  }
  throw new Error("no nonce at the end of the message");
}

function field(number: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | 2, text.length]), Buffer.from(text)]);
}
