import { createSecureServer, createServer, type ServerHttp2Stream } from "node:http2";
import { Gauge, type Spent } from "../lib/gauge.ts";
import { answerWith, sharedNow } from "../lib/remote.ts";
import { pushOfBytes } from "../lib/content.ts";

// The floor: node:http2 and nothing else. One message, shared by all streams, handed over in one piece.

const streams = new Set<ServerHttp2Stream>();
const gauge = new Gauge();
let message: Buffer = Buffer.alloc(0);

/** What is pushed: a message of so many bytes. */
export interface BarePlan {
  readonly collection: string;
  readonly bytes: number;
  /** PEM; plaintext without. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

const abilities = {
  /** Serves pushes of so many bytes; a stream that says something is sent the first. Gives the port. */
  async serve(plan: BarePlan): Promise<number> {
    const body = pushOfBytes(plan.collection, plan.bytes);
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(body.length, 1);
    message = Buffer.concat([prefix, body]);
    const options = { maxSessionMemory: 1_000_000 };
    const server =
      plan.tls === undefined
        ? createServer(options)
        : createSecureServer({ ...options, ...plan.tls, requestCert: true, rejectUnauthorized: true });
    server.on("stream", (stream) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" });
      stream.on("error", () => undefined);
      stream.on("close", () => streams.delete(stream));
      stream.on("data", () => {
        gauge.heard();
        if (streams.has(stream)) return;
        streams.add(stream);
        stream.write(message);
      });
    });
    return await new Promise((resolve) => {
      server.listen({ port: 0, host: "127.0.0.1", backlog: 65_535 }, () => {
        const address = server.address();
        if (address !== null && typeof address === "object") resolve(address.port);
      });
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

export type BareAbilities = typeof abilities;

answerWith(abilities);
