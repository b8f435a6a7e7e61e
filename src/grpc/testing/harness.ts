import {
  constants,
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from "node:http2";
import { once } from "node:events";
import { systemClock, type Clock } from "../../lib/clock.ts";
import type { Address } from "../address.ts";
import { FrameReader, frameMessage } from "../frame.ts";
import type { Limits } from "../limits.ts";
import type { Method, Peer } from "../method.ts";
import type { TransportObserver } from "../observer.ts";
import { listen, type GrpcServer } from "../server.ts";
import type { TlsSettings } from "../tls.ts";
import { Observed } from "./events.ts";
import { RecordingLogger } from "./recording.ts";

/** A server of a test, on a port of its own. */
export interface TestServer extends AsyncDisposable {
  readonly server: GrpcServer;
  readonly port: number;
  readonly log: RecordingLogger;
}

/** What a test asks of its server. */
export interface TestServerOptions {
  /** A free port of the loopback interface without it. */
  readonly address?: Address;
  readonly clock?: Clock;
  readonly limits?: Partial<Limits>;
  readonly tls?: TlsSettings;
  readonly observer?: TransportObserver;
  readonly mayBeServed?: (peer: Peer) => boolean;
}

/** Starts a server with these methods. */
export async function serve(methods: readonly Method[], options: TestServerOptions = {}): Promise<TestServer> {
  const log = new RecordingLogger();
  const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const server = await listen({ address, methods, log, ...options, clock: options.clock ?? systemClock });
  const port = server.address.kind === "tcp" ? server.address.port : 0;
  return { server, port, log, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A well-behaved HTTP/2 client whose every frame a test decides on. */
export class PlainClient implements AsyncDisposable {
  readonly session: ClientHttp2Session;

  constructor(port: number) {
    this.session = connect(`http://127.0.0.1:${port}`);
    this.session.on("error", () => undefined);
  }

  /** Begins a gRPC call, or with other headers something else. */
  call(path: string, headers: Readonly<Record<string, string | undefined>> = {}): PlainCall {
    const all = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", ...headers };
    return new PlainCall(this.session.request(all, { endStream: false }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Node 20 loops for ever when a session that has open streams is destroyed while it reads a reset of another.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.session.destroyed) return;
    this.session.destroy();
    await once(this.session, "close");
  }
}

/** One request of a `PlainClient` and what came back. */
export class PlainCall extends Observed {
  readonly stream: ClientHttp2Stream;
  readonly messages: Buffer[] = [];
  /** Bytes of the body that don't have to be gRPC. */
  body = "";
  headers: IncomingHttpHeaders | undefined;
  trailers: IncomingHttpHeaders | undefined;
  closed = false;
  readonly #reader = new FrameReader(2 ** 31);

  constructor(stream: ClientHttp2Stream) {
    super();
    this.stream = stream;
    stream.on("response", (headers) => this.#note(() => (this.headers = headers)));
    stream.on("trailers", (trailers) => this.#note(() => (this.trailers = trailers)));
    stream.on("close", () => this.#note(() => (this.closed = true)));
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => this.#note(() => this.#receive(chunk)));
  }

  /** Sends one gRPC message. */
  send(message: Uint8Array | string): void {
    this.stream.write(Buffer.concat(frameMessage([Buffer.from(message)])));
  }

  /** Breaks the call off. */
  reset(code: number = constants.NGHTTP2_CANCEL): void {
    this.stream.close(code);
  }

  /** The status and message that the call ended with, wherever the server put them. */
  async status(): Promise<{ readonly code: number; readonly message: string }> {
    await this.until(() => this.closed);
    const found = this.trailers ?? this.headers ?? {};
    const message = found["grpc-message"];
    return {
      code: Number(found["grpc-status"] ?? -1),
      message: typeof message === "string" ? decodeURIComponent(message) : "",
    };
  }

  #receive(chunk: Buffer): void {
    this.body += chunk.toString("latin1");
    if (this.headers?.["content-type"] !== "application/grpc") return;
    this.#reader.push(chunk);
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      if (frame.kind === "message") this.messages.push(Buffer.from(frame.bytes));
    }
  }

  #note(event: () => void): void {
    event();
    this.changed();
  }
}
