import { fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Metadata } from "../../src/grpc/metadata.ts";
import type { Peer, ServerStream, StreamHandler } from "../../src/grpc/method.ts";
import type { Status } from "../../src/grpc/status.ts";
import type { Clock } from "../../src/lib/clock.ts";
import {
  type RequestResources,
  RequestResourcesSchema,
  type Resources,
  ResourcesSchema,
} from "../../src/wire/gen/istio13/mcp/v1alpha1/mcp_pb.ts";
import type { Seams } from "../support/memory-server.ts";

/** What is wrong with a stream. */
export interface StreamFault {
  /** @param pass hands a request on to the server */
  readonly incoming?: (request: RequestResources, pass: (request: RequestResources) => void) => void;
  /** @param say makes the server believe that the sink said something */
  readonly outgoing?: (message: Resources, say: (request: RequestResources) => void) => Resources;
  readonly sending?: "at once" | "queued";
  readonly swallowsClose?: boolean;
  readonly holdsHeaders?: boolean;
}

/** Streams with a fault of their own each, between a sound server and a sound transport. */
export function faultyStreams(faultOf: (clock: Clock, stream: ServerStream) => StreamFault): Seams {
  return {
    method: (method, clock) => ({
      path: method.path,
      open(stream) {
        const fault = faultOf(clock, stream);
        const handler = method.open(new FaultyStream(stream, fault, (request) => say(request)));
        const say = (request: RequestResources): void => handler.message(toBinary(RequestResourcesSchema, request));
        return faultyHandler(handler, fault, say);
      },
    }),
  };
}

function faultyHandler(
  handler: StreamHandler,
  fault: StreamFault,
  pass: (request: RequestResources) => void,
): StreamHandler {
  return {
    message(bytes) {
      const request = fault.incoming && decode(bytes);
      if (request === undefined) handler.message(bytes);
      else fault.incoming!(request, pass);
    },
    halfClose: () => handler.halfClose(),
    closed(reason) {
      if (fault.swallowsClose !== true) handler.closed(reason);
    },
  };
}

function decode(bytes: Uint8Array): RequestResources | undefined {
  try {
    return fromBinary(RequestResourcesSchema, bytes);
  } catch {
    return undefined; // what no sink says is the server's to judge
  }
}

class FaultyStream implements ServerStream {
  readonly peer: Peer;
  readonly path: string;
  readonly metadata: Metadata;
  readonly #stream: ServerStream;
  readonly #fault: StreamFault;
  readonly #say: (request: RequestResources) => void;
  #heldHeaders: Metadata | undefined;
  #queue: Promise<boolean> = Promise.resolve(true);

  constructor(stream: ServerStream, fault: StreamFault, say: (request: RequestResources) => void) {
    this.peer = stream.peer;
    this.path = stream.path;
    this.metadata = stream.metadata;
    this.#stream = stream;
    this.#fault = fault;
    this.#say = say;
  }

  sendHeaders(metadata: Metadata = []): void {
    if (this.#fault.holdsHeaders === true) this.#heldHeaders = metadata;
    else this.#stream.sendHeaders(metadata);
  }

  send(pieces: readonly Uint8Array[]): Promise<boolean> {
    if (this.#heldHeaders !== undefined) this.#stream.sendHeaders(this.#heldHeaders);
    this.#heldHeaders = undefined;
    const changed = this.#changed(pieces);
    if (this.#fault.sending === undefined) return this.#stream.send(changed);
    if (this.#fault.sending === "at once") void this.#stream.send(changed);
    else this.#queue = this.#queue.then(() => this.#stream.send(changed));
    return Promise.resolve(true);
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

  #changed(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
    const { outgoing } = this.#fault;
    if (outgoing === undefined) return pieces;
    return [toBinary(ResourcesSchema, outgoing(fromBinary(ResourcesSchema, Buffer.concat(pieces)), this.#say))];
  }
}
