import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import * as grpc from "@grpc/grpc-js";
import { Observed } from "../../../grpc/testing/events.ts";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  type DiscoveryRequest,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "../../../wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { DeltaDiscoveryRequest } from "../../../wire/gen/envoy/service/discovery/v3/discovery_pb.ts";

type Call = grpc.ServerDuplexStream<Buffer, Buffer>;

/** A server of aggregated discovery that a test speaks for. */
export class ScriptedAds extends Observed implements Disposable {
  /** Requests on all streams of the state of the world, and on all of deltas. */
  readonly requests: DiscoveryRequest[] = [];
  readonly deltaRequests: DeltaDiscoveryRequest[] = [];
  readonly #server: grpc.Server;
  readonly #calls: Call[] = [];
  #port = 0;

  private constructor(server: grpc.Server) {
    super();
    this.#server = server;
  }

  /** Starts on a free port. @param methods those that it has, without their service */
  static async start(
    methods: readonly ("StreamAggregatedResources" | "DeltaAggregatedResources")[] = [
      "StreamAggregatedResources",
      "DeltaAggregatedResources",
    ],
  ): Promise<ScriptedAds> {
    const server = new grpc.Server();
    const ads = new ScriptedAds(server);
    const bytes = (value: Buffer): Buffer => value;
    server.addService(
      Object.fromEntries(
        methods.map((method) => [
          method,
          {
            path: `/envoy.service.discovery.v3.AggregatedDiscoveryService/${method}`,
            requestStream: true,
            responseStream: true,
            requestSerialize: bytes,
            requestDeserialize: bytes,
            responseSerialize: bytes,
            responseDeserialize: bytes,
          },
        ]),
      ),
      Object.fromEntries(
        methods.map((method) => [method, (call: Call) => ads.#open(call, method.startsWith("Delta"))]),
      ),
    );
    ads.#port = await new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    return ads;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Streams that were opened so far. */
  get streams(): number {
    return this.#calls.length;
  }

  /** Sends on the newest stream, whatever it asked for. */
  sendState(response: MessageInitShape<typeof DiscoveryResponseSchema>): void {
    this.sendBytes(toBinary(DiscoveryResponseSchema, create(DiscoveryResponseSchema, response)));
  }

  sendDelta(response: MessageInitShape<typeof DeltaDiscoveryResponseSchema>): void {
    this.sendBytes(toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, response)));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#calls.at(-1)!.write(Buffer.from(bytes));
  }

  /** Ends the newest stream with a status. */
  end(code: grpc.status, details: string): void {
    this.#calls.at(-1)!.emit("error", { code, details });
  }

  [Symbol.dispose](): void {
    this.#server.forceShutdown();
  }

  #open(call: Call, isDelta: boolean): void {
    this.#calls.push(call);
    call.on("error", () => undefined);
    call.on("data", (bytes: Buffer) => {
      if (isDelta) this.deltaRequests.push(fromBinary(DeltaDiscoveryRequestSchema, bytes));
      else this.requests.push(fromBinary(DiscoveryRequestSchema, bytes));
      this.changed();
    });
    this.changed();
  }
}
