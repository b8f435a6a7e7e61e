import * as grpc from "@grpc/grpc-js";
import { metadataProblem, type Metadata } from "../metadata.ts";
import { codes } from "../status.ts";
import type { Cancel, Clock } from "../../lib/clock.ts";
import { defaultDialLimits, type DialLimits } from "./limits.ts";
import type { AttemptEnd } from "./reconnect.ts";
import { TrackedSockets } from "./sockets.ts";
import { dialTarget } from "./target.ts";
import { channelCredentials, type ClientTls } from "./tls.ts";

export interface DialOptions {
  /** `host:port`, `tcp://host:port` or `unix:///path`. */
  readonly address: string;
  /** Path of a method that streams both ways. */
  readonly method: string;
  readonly clock: Clock;
  /** Plaintext without it. */
  readonly tls?: ClientTls | undefined;
  /** Request headers. */
  readonly metadata?: Metadata;
  /** What differs from `defaultDialLimits`. */
  readonly limits?: Partial<DialLimits> | undefined;
}

/** What comes from the other end, in order; after `end` there is nothing more. */
export type Incoming =
  /** The connection stands, and the stream is under way on it. */
  | { readonly kind: "connected" }
  | { readonly kind: "headers"; readonly metadata: Readonly<Record<string, string>> }
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "end"; readonly end: AttemptEnd };

/** Time for the goodbyes of HTTP/2 before sockets are closed by force, milliseconds. */
const LINGER_MS = 500;

/**
 * One stream on a connection of its own. Messages are pulled: what is not asked for waits at the sender, held back by flow
 * control, but for a few that grpc-js reads ahead. Disposing cancels the stream and resolves when its sockets are closed.
 */
export class ClientStream implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #client: grpc.Client;
  readonly #sockets: TrackedSockets;
  readonly #call: grpc.ClientDuplexStream<Uint8Array, Buffer>;
  readonly #over = new AbortController();
  readonly #unsent = new Set<(taken: boolean) => void>();
  #cancelDeadline: Cancel = () => undefined;
  #connectedAt: number | undefined;
  #connected = false;
  #headers: Readonly<Record<string, string>> | undefined;
  #message: Uint8Array | undefined;
  #end: AttemptEnd | undefined;
  #wake: (() => void) | undefined;

  /** Begins to dial. @throws Error when the address, the metadata or the TLS settings can't be used. */
  constructor({ address, method, clock, tls, metadata = [], limits }: DialOptions) {
    const bounds = { ...defaultDialLimits, ...limits };
    const target = dialTarget(address);
    const problem = metadataProblem(metadata);
    if (problem !== undefined) throw new Error(problem);
    this.#clock = clock;
    this.#sockets = new TrackedSockets(channelCredentials(tls));
    this.#client = new grpc.Client(target, this.#sockets, channelOptions(bounds, tls?.serverName));
    this.#call = this.#client.makeBidiStreamRequest(
      method,
      (bytes: Uint8Array) =>
        Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      (bytes: Buffer) => bytes,
      toGrpc(metadata),
    );
    this.#listen();
    this.#awaitConnection(address, bounds.connectMs);
  }

  /** Aborts when the stream is over. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Messages handed to `send` that the transport has not taken. */
  get unsent(): number {
    return this.#unsent.size;
  }

  /** What comes next. One call at a time. */
  async next(): Promise<Incoming> {
    for (;;) {
      if (this.#connected) {
        this.#connected = false;
        return { kind: "connected" };
      }
      const headers = this.#headers;
      if (headers !== undefined) {
        this.#headers = undefined;
        return { kind: "headers", metadata: headers };
      }
      const bytes = this.#message;
      if (bytes !== undefined) {
        this.#message = undefined;
        return { kind: "message", bytes };
      }
      if (this.#end !== undefined) return { kind: "end", end: this.#end };
      this.#call.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /**
   * Sends one message, after those before it. Resolves with `true` when the transport has taken it, which grpc-js does for up
   * to a megabyte ahead of the peer; with `false` when the stream is over.
   */
  send(bytes: Uint8Array): Promise<boolean> {
    if (this.#end !== undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#unsent.add(resolve);
      this.#call.write(bytes, () => {
        this.#unsent.delete(resolve);
        resolve(this.#end === undefined);
      });
    });
  }

  /** Ends the stream from here; the other end sees it cancelled. The first end counts. */
  cancel(code: number, message: string): void {
    if (this.#end !== undefined) return;
    this.#finish(code, message);
    this.#call.cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel(codes.Canceled, "closed by this side");
    this.#client.close();
    await this.#sockets.close(this.#clock, LINGER_MS);
  }

  #listen(): void {
    const call = this.#call;
    call.on("metadata", (metadata: grpc.Metadata) => {
      this.#headers = textOf(metadata);
      this.#wake?.();
    });
    call.on("error", () => undefined); // the status tells the same
    call.on("status", ({ code, details }: grpc.StatusObject) => this.#finish(code, reasonIn(details)));
    // Paused before it is listened to: listening alone would set the stream flowing.
    call.pause();
    call.on("data", (bytes: Buffer) => {
      call.pause();
      this.#message = bytes;
      this.#wake?.();
    });
  }

  /** grpc-js waits for ever for a server that takes connections and says nothing. */
  #awaitConnection(address: string, connectMs: number): void {
    this.#cancelDeadline = this.#clock.schedule(connectMs, () =>
      this.cancel(codes.Unavailable, `no connection to ${address} within ${connectMs} ms`),
    );
    const channel = this.#client.getChannel();
    const look = (): void => {
      const state = channel.getConnectivityState(false);
      if (state === grpc.connectivityState.READY) {
        this.#cancelDeadline();
        this.#connectedAt = this.#clock.now();
        this.#connected = true;
        this.#wake?.();
      } else if (state !== grpc.connectivityState.SHUTDOWN) channel.watchConnectivityState(state, Infinity, look);
    };
    look();
  }

  #finish(code: number, message: string): void {
    if (this.#end !== undefined) return;
    this.#cancelDeadline();
    const aliveMs = this.#connectedAt === undefined ? 0 : this.#clock.now() - this.#connectedAt;
    this.#end = { code, message, aliveMs };
    for (const resolve of this.#unsent) resolve(false);
    this.#unsent.clear();
    this.#over.abort();
    this.#wake?.();
  }
}

function channelOptions(bounds: DialLimits, serverName: string | undefined): grpc.ClientOptions {
  return {
    "grpc.max_receive_message_length": bounds.maxReceivedMessageBytes,
    "grpc.keepalive_time_ms": bounds.keepaliveMs,
    "grpc.keepalive_timeout_ms": bounds.keepaliveTimeoutMs,
    // The default window of 64 KiB makes a large push a long row of round trips.
    "grpc-node.flow_control_window": 1024 * 1024,
    // A channel is one attempt. What comes after it, and when, is decided by `reconnecting`.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_retries": 0,
    "grpc.enable_channelz": 0,
    ...(serverName === undefined
      ? {}
      : { "grpc.ssl_target_name_override": serverName, "grpc.default_authority": serverName }),
  };
}

function toGrpc(metadata: Metadata): grpc.Metadata {
  const result = new grpc.Metadata();
  for (const [key, value] of metadata) result.add(key, key.endsWith("-bin") ? Buffer.from(value, "base64") : value);
  return result;
}

/** Values of a key that comes more than once are joined, as HTTP does it. */
function textOf(metadata: grpc.Metadata): Record<string, string> {
  const keys = Object.keys(metadata.getMap());
  return Object.fromEntries(
    keys.map((key) => [
      key,
      metadata
        .get(key)
        .map((value) => value.toString())
        .join(", "),
    ]),
  );
}

/** The reason itself, out of the words that grpc-js, Node and OpenSSL put round it when there is no connection. */
function reasonIn(details: string): string {
  const found = /^No connection established\. Last error: (?:Error: )?(.+?)\. Resolution note: /s.exec(details)?.[1];
  if (found === undefined || found === "null") return details;
  return found
    .replace(/^Error \[\w+\]: /u, "")
    .replace(/^[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):.*$/su, "$1")
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/u, "")
    .trim();
}
