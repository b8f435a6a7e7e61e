import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import {
  type Resources,
  RequestResourcesSchema,
  ResourcesSchema,
} from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";

const path = "/istio.mcp.v1alpha1.ResourceSource/EstablishResourceStream";

/**
 * A sink made of `@grpc/grpc-js` and requests built by hand: an independent client, that shares nothing with the code
 * under test but the generated messages.
 */
export class RawSink implements Disposable {
  /** The response headers, when they come. */
  readonly headers: Promise<grpc.Metadata>;
  /** How the stream ended. */
  readonly status: Promise<grpc.StatusObject>;
  readonly #client: grpc.Client;
  readonly #call: grpc.ClientDuplexStream<Uint8Array, Buffer>;
  readonly #arrived: Resources[] = [];
  #waiting: (() => void) | undefined;
  #ended = false;
  /** Everything in the order in which it came, to say what came first. */
  readonly order: ("headers" | "message")[] = [];

  constructor(address: string, credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure()) {
    this.#client = new grpc.Client(address, credentials, {
      "grpc.max_receive_message_length": -1,
      "grpc.use_local_subchannel_pool": 1,
    });
    this.#call = this.#client.makeBidiStreamRequest(
      path,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
    );
    this.headers = new Promise((resolve) => {
      this.#call.once("metadata", (metadata) => {
        this.order.push("headers");
        resolve(metadata);
      });
    });
    this.status = new Promise((resolve) => {
      this.#call.once("status", (status) => {
        this.#ended = true;
        this.#waiting?.();
        resolve(status);
      });
    });
    this.#call.on("error", () => undefined); // the status tells
    this.#call.on("data", (bytes: Buffer) => {
      this.order.push("message");
      this.#arrived.push(fromBinary(ResourcesSchema, bytes));
      this.#waiting?.();
    });
  }

  send(request: MessageInitShape<typeof RequestResourcesSchema>): void {
    this.sendBytes(toBinary(RequestResourcesSchema, create(RequestResourcesSchema, request)));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#call.write(bytes);
  }

  /** The next message; rejects when the stream ends first. */
  async next(): Promise<Resources> {
    while (this.#arrived.length === 0) {
      if (this.#ended) throw new Error(`the stream ended: ${JSON.stringify(await this.status)}`);
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this.#arrived.shift()!;
  }

  /** Messages that have come and were not taken. */
  get unread(): number {
    return this.#arrived.length;
  }

  ack(message: Resources, incremental = false): void {
    this.send({ collection: message.collection, responseNonce: message.nonce, incremental });
  }

  nack(message: Resources, incremental = false): void {
    const errorDetail = { code: 3, message: "refused by the test" };
    this.send({ collection: message.collection, responseNonce: message.nonce, incremental, errorDetail });
  }

  halfClose(): void {
    this.#call.end();
  }

  cancel(): void {
    this.#call.cancel();
  }

  /** Stops reading: the server meets flow control. */
  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  [Symbol.dispose](): void {
    this.#call.cancel();
    this.#client.close();
  }
}

/** `{name: version}` of a message's resources. */
export function versions(message: Resources): Record<string, string> {
  return Object.fromEntries(message.resources.map((r) => [r.metadata?.name ?? "", r.metadata?.version ?? ""]));
}
