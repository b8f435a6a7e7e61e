import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from "node:http2";
import { FrameReader, frameMessage } from "../../../src/grpc/frame.ts";
import { metadataOf } from "../../../src/grpc/metadata.ts";
import type { Status } from "../../../src/grpc/status.ts";
import type { MemoryClient } from "../../support/memory-pipe.ts";
import type { SinkCall } from "../sink-call.ts";
import type { Cable } from "./cable.ts";

/** One call of a client of `node:http2`, on a connection of its own. */
export class WireCall implements SinkCall {
  /** Whether the server has decided how the call ends; told by the transport. */
  isConcluded = false;
  /** Whether the server waits for the transport to take a message; told by the transport. */
  isSending = false;
  readonly #cable: Cable;
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #reader = new FrameReader(2 ** 31);
  #isGivenUp = false;

  /** @param windowBytes what the client takes of a message before it has to say that it wants more */
  constructor(cable: Cable, path: string, client: MemoryClient, windowBytes: number) {
    this.#cable = cable;
    const settings = { initialWindowSize: windowBytes };
    this.#session = connect("http://galley", { createConnection: () => cable.client, settings });
    this.#session.on("error", () => undefined);
    const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
    this.#stream = this.#session.request(headers, { endStream: false });
    this.#listen(client);
  }

  get isEnded(): boolean {
    return this.isConcluded || this.#isGivenUp || this.#stream.destroyed;
  }

  get readable(): boolean {
    return !this.#isGivenUp && this.#cable.isLoaded;
  }

  read(maxBytes: number = Number.MAX_SAFE_INTEGER): void {
    this.#cable.carry(maxBytes);
  }

  deliver(bytes: Uint8Array): void {
    if (!this.#stream.destroyed) this.#stream.write(Buffer.concat(frameMessage([bytes])));
  }

  halfClose(): void {
    if (!this.#stream.destroyed) this.#stream.end();
  }

  cancel(): void {
    this.reset(constants.NGHTTP2_CANCEL);
  }

  reset(code: number): void {
    this.#isGivenUp = true;
    this.#stream.close(code);
  }

  lose(): void {
    this.#isGivenUp = true;
    this.#cable.cut();
  }

  #listen(client: MemoryClient): void {
    const stream = this.#stream;
    let status: Status | undefined;
    const hears = (what: () => void) => (): void => {
      this.#cable.moves++;
      if (!this.#isGivenUp) what();
    };
    stream.on("error", () => undefined);
    stream.on("response", (headers, _flags, raw?: readonly string[]) => {
      // A call that is refused has its status in its only headers.
      if (headers["grpc-status"] !== undefined) status = statusOf(headers);
      else hears(() => client.headers(metadataOf(raw ?? [])))();
    });
    stream.on("data", (chunk: Buffer) => {
      this.#reader.push(chunk);
      for (let frame = this.#reader.next(); frame?.kind === "message"; frame = this.#reader.next()) {
        const { bytes } = frame;
        hears(() => client.message(bytes))();
      }
    });
    stream.on("trailers", (trailers) => (status = statusOf(trailers)));
    stream.on("close", () => {
      this.#cable.moves++;
      client.ended(this.#isGivenUp ? undefined : status);
      setImmediate(() => this.#session.destroy());
    });
  }
}

function statusOf(headers: IncomingHttpHeaders): Status {
  const message = headers["grpc-message"];
  return {
    code: Number(headers["grpc-status"]) as Status["code"],
    message: typeof message === "string" ? decodeURIComponent(message) : "",
  };
}
