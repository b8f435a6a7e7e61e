import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Metadata } from "../../src/grpc/metadata.ts";
import type { Status } from "../../src/grpc/status.ts";
import {
  RequestResourcesSchema,
  type Resources,
  ResourcesSchema,
} from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import type { MemoryCall } from "./memory-call.ts";
import type { MemoryClient } from "./memory-pipe.ts";
import type { MemoryServer } from "./memory-server.ts";

/** A sink on a server in memory. It reads when told to, and answers nothing by itself. */
export class MemorySink implements MemoryClient {
  readonly call: MemoryCall;
  /** What was read and not taken with `next`. */
  readonly unread: Resources[] = [];
  metadata: Metadata | undefined;
  /** How the stream ended, once that was read; `broken` without a status. */
  status: Status | "broken" | undefined;

  constructor(server: MemoryServer, windowBytes?: number) {
    this.call = server.connect({ client: this, ...(windowBytes !== undefined && { windowBytes }) });
  }

  headers(metadata: Metadata): void {
    this.metadata = metadata;
  }

  message(bytes: Uint8Array): void {
    this.unread.push(fromBinary(ResourcesSchema, bytes));
  }

  ended(status: Status | undefined): void {
    this.status = status ?? "broken";
  }

  send(request: MessageInitShape<typeof RequestResourcesSchema>): void {
    this.call.deliver(toBinary(RequestResourcesSchema, create(RequestResourcesSchema, request)));
  }

  ack(message: Resources, incremental = false): void {
    this.send({ collection: message.collection, responseNonce: message.nonce, incremental });
  }

  /** Reads all that has come and takes the first message. */
  next(): Resources {
    this.call.read();
    const message = this.unread.shift();
    if (message === undefined) throw new Error("nothing was sent");
    return message;
  }
}
