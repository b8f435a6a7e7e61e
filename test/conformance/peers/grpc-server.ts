import * as grpc from "@grpc/grpc-js";
import { Arrivals } from "./waiting.ts";

/** A call that a scripted server got, with what came on it. */
export class ServerCall {
  /** Request headers. */
  readonly metadata: grpc.Metadata;
  readonly arrived: Arrivals<Buffer> = new Arrivals<Buffer>();
  /** Resolves when the caller has broken off the call, or is gone. */
  readonly cancelled: Promise<void>;
  readonly #call: grpc.ServerDuplexStream<Buffer, Uint8Array>;

  constructor(call: grpc.ServerDuplexStream<Buffer, Uint8Array>) {
    this.#call = call;
    this.metadata = call.metadata;
    call.on("data", (bytes: Buffer) => this.arrived.add(bytes));
    call.on("error", () => undefined);
    this.cancelled = new Promise((resolve) => {
      call.once("cancelled", () => resolve());
    });
  }

  sendHeaders(pairs: Readonly<Record<string, string>> = {}): void {
    const metadata = new grpc.Metadata();
    for (const [key, value] of Object.entries(pairs)) metadata.add(key, value);
    this.#call.sendMetadata(metadata);
  }

  sendBytes(bytes: Uint8Array): void {
    this.#call.write(bytes);
  }

  /** Ends the call with OK, or with a status. */
  end(code: grpc.status = grpc.status.OK, details = ""): void {
    if (code === grpc.status.OK) this.#call.end();
    else this.#call.emit("error", { code, details });
  }

  /** Stops reading: the caller meets flow control. */
  pause(): void {
    this.#call.pause();
  }
}

/** A server with one method that streams both ways, made of `@grpc/grpc-js`: the test decides what it says and when. */
export class ScriptedServer implements AsyncDisposable {
  readonly calls: Arrivals<ServerCall> = new Arrivals<ServerCall>();
  readonly #server: grpc.Server;
  readonly port: number;
  #opened = 0;

  private constructor(server: grpc.Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async start(
    path: string,
    {
      port = 0,
      credentials = grpc.ServerCredentials.createInsecure(),
    }: { port?: number; credentials?: grpc.ServerCredentials } = {},
  ): Promise<ScriptedServer> {
    const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
    let scripted: ScriptedServer | undefined;
    server.addService(
      {
        stream: {
          path,
          requestStream: true,
          responseStream: true,
          requestSerialize: (bytes: Buffer) => bytes,
          requestDeserialize: (bytes: Buffer) => bytes,
          responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes),
          responseDeserialize: (bytes: Buffer) => bytes,
        },
      },
      { stream: (call: grpc.ServerDuplexStream<Buffer, Uint8Array>) => scripted!.#take(call) },
    );
    const bound = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${port}`, credentials, (error, at) => (error ? reject(error) : resolve(at)));
    });
    scripted = new ScriptedServer(server, bound);
    return scripted;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Calls that ever came. */
  get opened(): number {
    return this.#opened;
  }

  /** The next call. */
  next(): Promise<ServerCall> {
    return this.calls.next();
  }

  /** Says GOAWAY and takes no more calls; resolves when those that are open have ended. */
  drain(): Promise<void> {
    return new Promise((resolve) => this.#server.tryShutdown(() => resolve()));
  }

  /** Refuses connections from now on and breaks off those that are open, as a process that dies does. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.forceShutdown();
  }

  #take(call: grpc.ServerDuplexStream<Buffer, Uint8Array>): void {
    this.#opened++;
    this.calls.add(new ServerCall(call));
  }
}
