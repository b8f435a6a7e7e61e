import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { Metadata } from "../../../src/grpc/metadata.ts";
import type { Method, Peer, ServerStream } from "../../../src/grpc/method.ts";
import type { Status } from "../../../src/grpc/status.ts";
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
  type DiscoveryRequest,
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from "../../../src/wire/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { STATE_OF_THE_WORLD } from "../../../src/xds/protocol.ts";
import type { WorldSeams } from "../simulation.ts";

/** What is wrong with a stream: what it makes of messages; `undefined` loses them. */
export interface XdsFault {
  readonly heardState?: (request: DiscoveryRequest) => DiscoveryRequest | undefined;
  readonly heardDelta?: (request: DeltaDiscoveryRequest) => DeltaDiscoveryRequest | undefined;
  readonly saidState?: (response: DiscoveryResponse) => DiscoveryResponse | undefined;
  readonly saidDelta?: (response: DeltaDiscoveryResponse) => DeltaDiscoveryResponse | undefined;
}

/** A server whose xDS streams have a fault of their own each, between a sound service and a sound transport. */
export function faultyXds(faultOf: () => XdsFault): WorldSeams {
  return { xds: { method: (method) => faultyMethod(method, faultOf) } };
}

function faultyMethod(method: Method, faultOf: () => XdsFault): Method {
  const isState = method.path === STATE_OF_THE_WORLD;
  return {
    path: method.path,
    open(stream) {
      const { heardState, heardDelta, saidState, saidDelta } = faultOf();
      const said = isState
        ? through(DiscoveryResponseSchema, saidState)
        : through(DeltaDiscoveryResponseSchema, saidDelta);
      const heard = isState
        ? through(DiscoveryRequestSchema, heardState)
        : through(DeltaDiscoveryRequestSchema, heardDelta);
      const handler = method.open(new FaultyStream(stream, said));
      return {
        message(bytes) {
          const changed = heard(bytes);
          if (changed !== undefined) handler.message(changed);
        },
        halfClose: () => handler.halfClose(),
        closed: (reason) => handler.closed(reason),
      };
    },
  };
}

type Change = (bytes: Uint8Array) => Uint8Array | undefined;

function through<Desc extends DescMessage>(
  schema: Desc,
  change: ((message: MessageShape<Desc>) => MessageShape<Desc> | undefined) | undefined,
): Change {
  if (change === undefined) return (bytes) => bytes;
  return (bytes) => {
    try {
      const changed = change(fromBinary(schema, bytes));
      return changed && toBinary(schema, changed);
    } catch {
      return bytes; // what no client says is the server's to judge
    }
  };
}

class FaultyStream implements ServerStream {
  readonly peer: Peer;
  readonly path: string;
  readonly metadata: Metadata;
  readonly #stream: ServerStream;
  readonly #said: Change;

  constructor(stream: ServerStream, said: Change) {
    this.peer = stream.peer;
    this.path = stream.path;
    this.metadata = stream.metadata;
    this.#stream = stream;
    this.#said = said;
  }

  sendHeaders(metadata?: Metadata): void {
    this.#stream.sendHeaders(metadata);
  }

  send(pieces: readonly Uint8Array[]): Promise<boolean> {
    const changed = this.#said(Buffer.concat(pieces));
    return changed === undefined ? Promise.resolve(true) : this.#stream.send([changed]);
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
