import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import type { Cancel, Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { Budget } from "./budget.ts";
import { Keepalive, type Pulse } from "./keepalive.ts";
import type { Limits } from "./limits.ts";
import { metadataOf } from "./metadata.ts";
import type { Peer } from "./method.ts";
import type { ConnectionBreak, TransportObserver } from "./observer.ts";
import { judgeRequest, type MethodTable } from "./request.ts";
import { answerText, refuse } from "./response.ts";
import type { Status } from "./status.ts";
import { GrpcStream, type StreamOwner } from "./stream.ts";

/** Whoever keeps the connections of a server. */
export interface SessionOwner {
  /** The connection is gone and all its streams know. Called once. */
  closed(session: Session): void;
}

/** What all connections of a server share. */
export interface SessionContext {
  readonly methods: MethodTable;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly observer: TransportObserver;
}

/**
 * Our own bounds hold instead of Node's: memory is bounded by one write a stream, and Node counts a body that is shared by
 * a thousand streams a thousand times (its default of 10 MB kills such a session). In megabytes.
 */
const NO_SESSION_MEMORY_LIMIT = 1_000_000;

/** Time for a last GOAWAY to leave before the socket is closed by force. */
const FAREWELL_MS = 1_000;

/** Bytes of data for which a peer may ping once more: clients measure bandwidth by pinging as data arrives. */
const BYTES_PER_PING = 16 * 1024;

/** What a peer may send only so much of, as the log calls it. */
const frames = { resets: "stream resets", pings: "pings", settings: "settings" } as const satisfies Partial<
  Record<ConnectionBreak, string>
>;

/** One HTTP/2 connection: its streams, its budgets, its end. */
export class Session implements StreamOwner, Pulse {
  readonly peer: Peer;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly #observer: TransportObserver;
  readonly #methods: MethodTable;
  readonly #socket: Socket;
  readonly #http2: ServerHttp2Session;
  readonly #streams = new Set<GrpcStream>();
  /** Made when the first is spent: most connections send SETTINGS once, and never ping or reset. */
  readonly #budgets: { -readonly [What in keyof typeof frames]?: Budget } = {};
  readonly #keepalive: Keepalive;
  #cancelFarewell: Cancel | undefined;
  #heldBytes = 0;

  /** Takes over a connected socket; what the peer sent so far must still be in its read buffer. */
  constructor(socket: Socket, peer: Peer, context: SessionContext, owner: SessionOwner) {
    const { limits, clock } = context;
    this.peer = peer;
    this.limits = limits;
    this.clock = clock;
    this.log = context.log;
    this.#observer = context.observer;
    this.#methods = context.methods;
    this.#socket = socket;
    this.#http2 = performServerHandshake(socket, {
      maxSessionMemory: NO_SESSION_MEMORY_LIMIT,
      settings: {
        initialWindowSize: limits.streamWindowBytes,
        maxConcurrentStreams: limits.maxConcurrentStreams,
        maxHeaderListSize: limits.maxHeaderListBytes,
      },
    });
    this.#http2.setLocalWindowSize(limits.connectionWindowBytes);
    this.#keepalive = new Keepalive(clock, limits, this);
    this.#listen(owner);
  }

  /** Open streams. */
  get streams(): number {
    return this.#streams.size;
  }

  get isGone(): boolean {
    return this.#http2.destroyed || this.#socket.destroyed;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get bytesWaiting(): number {
    return bytesWaiting(this.#socket);
  }

  ping(): boolean {
    // After a GOAWAY, of either side, Node pings no more; TCP's own keepalive, slow as it is, watches over what is left.
    if (this.isGone || this.#http2.closed) return false;
    return this.#http2.ping(ignore);
  }

  dead(): void {
    const silentMs = this.limits.keepaliveIdleMs + this.limits.keepaliveTimeoutMs;
    this.#observer.brokeOff("keepalive");
    this.log.info("peer is silent: connection closed", { peer: this.peer.address, silentMs });
    this.destroy();
  }

  hold(bytes: number): boolean {
    this.#heldBytes += bytes;
    return this.#heldBytes <= this.limits.maxHeldBytes;
  }

  sending(bytes: number): void {
    this.#budgets.pings?.earn(1 + bytes / BYTES_PER_PING);
  }

  left(stream: GrpcStream, resetCode: number): void {
    this.#streams.delete(stream);
    this.#countReset(resetCode);
  }

  /** Takes no new streams, ends the open ones with this status, and closes when they are over. */
  drain(status: Status): void {
    if (this.isGone) return;
    this.#http2.close();
    for (const stream of this.#streams) stream.fail(status);
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #listen(owner: SessionOwner): void {
    const session = this.#http2;
    session.on("stream", (stream, headers, _flags, raw?: readonly string[]) => this.#open(stream, headers, raw ?? []));
    session.on("ping", () => this.#spend("pings"));
    session.on("remoteSettings", () => this.#spend("settings"));
    session.on("error", (error) =>
      this.log.debug("connection failed", { peer: this.peer.address, error: error.message }),
    );
    this.#socket.on("close", () => {
      this.#keepalive.stop();
      this.#cancelFarewell?.();
      for (const stream of this.#streams) stream.lose();
      owner.closed(this);
    });
  }

  #open(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    // Node reports a reset as an error too; without a listener it would end the process.
    stream.on("error", ignore);
    if (stream.destroyed || stream.closed) {
      this.#countReset(stream.rstCode);
      return;
    }
    const verdict = judgeRequest(headers, this.#methods);
    if (verdict.kind === "call") {
      const { method, timeoutMs, encoding } = verdict;
      const call = new GrpcStream(stream, { path: method.path, encoding, metadata: metadataOf(rawHeaders) }, this);
      this.#streams.add(call);
      call.open(method, timeoutMs);
      return;
    }
    stream.on("close", () => this.#countReset(stream.rstCode));
    if (verdict.kind === "refused") refuse(stream, verdict.status);
    else answerText(stream, verdict.httpStatus, verdict.text);
  }

  #countReset(code: number): void {
    if (code !== constants.NGHTTP2_NO_ERROR) this.#spend("resets");
  }

  #spend(what: keyof typeof frames): void {
    if (this.isGone || this.#cancelFarewell !== undefined) return;
    if ((this.#budgets[what] ??= new Budget(this.clock, this.limits[what])).spend()) return;
    this.#observer.brokeOff(what);
    this.log.warn(`too many ${frames[what]}: connection closed`, { peer: this.peer.address });
    // A GOAWAY can't leave while the peer doesn't read: then it is the socket that ends.
    this.#cancelFarewell = this.clock.schedule(FAREWELL_MS, () => this.destroy());
    // Not at once: Node 20 loops for ever, and takes all memory, when a session that has open streams is destroyed by what
    // is called while it reads a reset (test/feature/wire-faults.test.ts).
    setImmediate(() => this.#http2.destroy(new Error(`too many ${frames[what]}`), constants.NGHTTP2_ENHANCE_YOUR_CALM));
  }
}

const ignore = (): void => undefined;

// Node tells this number only to itself (for its own timeouts); without it there is one sign of life less.
function bytesWaiting(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
