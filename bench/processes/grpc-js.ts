import { Metadata, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { pushOfBytes } from "../lib/content.ts";
import { Gauge, type Spent } from "../lib/gauge.ts";
import { answerWith, sharedNow } from "../lib/remote.ts";

// What the common library would cost in our place.

const path = "/istio.mcp.v1alpha1.ResourceSource/EstablishResourceStream";
const streams = new Set<ServerDuplexStream<Buffer, Buffer>>();
const gauge = new Gauge();
let message: Buffer = Buffer.alloc(0);

function open(stream: ServerDuplexStream<Buffer, Buffer>): void {
  stream.sendMetadata(new Metadata());
  stream.on("error", () => undefined);
  stream.on("close", () => streams.delete(stream));
  stream.on("data", () => {
    gauge.heard();
    if (streams.has(stream)) return;
    streams.add(stream);
    stream.write(message);
  });
}

const abilities = {
  /** Serves pushes of so many bytes; a stream that says something is sent the first. Gives the port. */
  async serve(plan: { readonly collection: string; readonly bytes: number }): Promise<number> {
    message = pushOfBytes(plan.collection, plan.bytes);
    const server = new Server({ "grpc-node.max_session_memory": Number.MAX_SAFE_INTEGER });
    const same = (bytes: Buffer): Buffer => bytes;
    const codec = {
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    server.addService({ Stream: { path, requestStream: true, responseStream: true, ...codec } }, { Stream: open });
    return await new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  },
  push(): number {
    const at = sharedNow();
    for (const stream of streams) stream.write(message);
    return at;
  },
  spent(): Promise<Spent> {
    return gauge.take();
  },
};

export type GrpcJsAbilities = typeof abilities;

answerWith(abilities);
