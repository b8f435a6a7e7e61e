import * as grpc from "@grpc/grpc-js";
import { SINK_STREAM } from "../../../src/mcp/protocol.ts";
import type { RequestResources } from "../../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import { readRequest } from "./messages.ts";
import { Arrivals } from "./waiting.ts";

/** A source that calls a sink, made of `@grpc/grpc-js` and messages built by hand. */
export class RawSource implements Disposable {
  readonly requests: Arrivals<RequestResources> = new Arrivals<RequestResources>();
  readonly headers: Promise<grpc.Metadata>;
  readonly status: Promise<grpc.StatusObject>;
  readonly #client: grpc.Client;
  readonly #call: grpc.ClientDuplexStream<Uint8Array, Buffer>;

  constructor(address: string, credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure()) {
    this.#client = new grpc.Client(address, credentials, { "grpc.use_local_subchannel_pool": 1 });
    this.#call = this.#client.makeBidiStreamRequest(
      SINK_STREAM,
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
    );
    this.headers = new Promise((resolve) => this.#call.once("metadata", resolve));
    this.status = new Promise((resolve) => this.#call.once("status", resolve));
    this.#call.on("error", () => undefined); // the status tells
    this.#call.on("data", (bytes: Buffer) => this.requests.add(readRequest(bytes)));
  }

  send(bytes: Uint8Array): void {
    this.#call.write(bytes);
  }

  halfClose(): void {
    this.#call.end();
  }

  [Symbol.dispose](): void {
    this.#call.cancel();
    this.#client.close();
  }
}
