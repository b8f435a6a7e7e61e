import * as grpc from "@grpc/grpc-js";

/** Window that istiod opens for a stream and for a connection, bytes. */
const WINDOW_BYTES = 1 << 20;

const KEEPALIVE_MS = 30_000;

export interface StreamEvents {
  message(bytes: Buffer): void;
  ended(status: grpc.StatusObject): void;
}

/** One stream on one connection, whose messages are bytes. */
export class AdsStream {
  readonly #client: grpc.Client;
  readonly #call: grpc.ClientDuplexStream<Uint8Array, Buffer>;

  constructor(
    address: string,
    path: string,
    events: StreamEvents,
    maxMessageBytes: number,
    credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure(),
  ) {
    this.#client = new grpc.Client(address, credentials, {
      "grpc.max_receive_message_length": maxMessageBytes,
      "grpc.max_send_message_length": -1,
      "grpc.use_local_subchannel_pool": 1,
      "grpc.keepalive_time_ms": KEEPALIVE_MS,
      "grpc-node.flow_control_window": WINDOW_BYTES,
    });
    this.#call = this.#client.makeBidiStreamRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
    );
    this.#call.on("error", () => undefined); // the status tells
    this.#call.on("data", (bytes: Buffer) => events.message(bytes));
    this.#call.once("status", (status) => {
      this.#client.close();
      events.ended(status);
    });
  }

  send(bytes: Uint8Array): void {
    this.#call.write(bytes);
  }

  halfClose(): void {
    this.#call.end();
  }

  /** Stops reading: the server meets flow control. */
  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  /** Breaks the stream off. */
  cancel(): void {
    this.#call.cancel();
    this.#client.close();
  }
}
