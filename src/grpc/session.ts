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
import type { HeldTogether, Holder } from "./held-together.ts";
import { Keepalive, type Pulse } from "./keepalive.ts";
import type { Limits } from "./limits.ts";
import { metadataOf } from "./metadata.ts";
import type { Peer } from "./method.ts";
import type { ConnectionBreak, TransportObserver } from "./observer.ts";
import type { PeerWarnings } from "./peer-warnings.ts";
import { judgeRequest, type MethodTable } from "./request.ts";
import { answerText, refuse } from "./response.ts";
import { status, type Status } from "./status.ts";
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
  /** Where it is told of peers that send too much, or fall silent: they come back and do it again. */
  readonly warnings: PeerWarnings;
  readonly observer: TransportObserver;
  readonly held: HeldTogether;
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

/** What a peer may send only so many of. */
type Counted = "resets" | "pings" | "settings";

/** What a peer sent too many of, as the log calls it. */
const names: Readonly<Record<Exclude<ConnectionBreak, "keepalive">, string>> = {
  resets: "stream resets",
  pings: "pings",
  settings: "settings",
  requests: "requests",
  empty: "frames that carry nothing",
};

/** How a call ends whose connection holds more than any other, when all together hold too much. */
const crowded = status("ResourceExhausted", "too many unfinished messages and unread frames on all connections");

/** One HTTP/2 connection: its streams, its budgets, its end. */
export class Session implements StreamOwner, Pulse, Holder {
  readonly peer: Peer;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly #warnings: PeerWarnings;
  readonly #observer: TransportObserver;
  readonly #methods: MethodTable;
  readonly #socket: Socket;
  readonly #http2: ServerHttp2Session;
  readonly #streams = new Set<GrpcStream>();
  /** Made when the first is spent: most connections send SETTINGS once, and never ping or reset. */
  readonly #budgets: { -readonly [What in Counted]?: Budget } = {};
  readonly #keepalive: Keepalive;
  readonly #held: HeldTogether;
  #cancelFarewell: Cancel | undefined;
  #cancelExpulsion: Cancel | undefined;
  #heldBytes = 0;
  #unreadBytes = 0;
  /** Requests that came in, less those that may by now. */
  #requests = 0;
  /** Bytes of messages that came in. */
  #carried = 0;
  /** Of the bytes that came in besides, those that count no more. */
  #forgiven = 0;

  /** Takes over a connected socket; what the peer sent so far must still be in its read buffer. */
  constructor(socket: Socket, peer: Peer, context: SessionContext, owner: SessionOwner) {
    const { limits, clock } = context;
    this.peer = peer;
    this.limits = limits;
    this.clock = clock;
    this.log = context.log;
    this.#warnings = context.warnings;
    this.#observer = context.observer;
    this.#methods = context.methods;
    this.#held = context.held;
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
    this.#warnings.inform(this.peer, "peer is silent: connection closed", { peer: this.peer.address, silentMs });
    this.destroy();
  }

  get heldBytes(): number {
    return this.#heldBytes + this.#unreadBytes;
  }

  yieldMost(): void {
    let most: GrpcStream | undefined;
    for (const stream of this.#streams) if (stream.heldBytes > (most?.heldBytes ?? 0)) most = stream;
    if (most === undefined) return;
    this.#warnings.warn(this.peer, `a call ends: ${crowded.message}, most of them on this one`, {
      peer: this.peer.address,
      bytes: this.heldBytes,
    });
    most.fail(crowded);
  }

  hold(bytes: number): boolean {
    this.#heldBytes += bytes;
    this.#held.changed(this, bytes);
    return this.#heldBytes <= this.limits.maxHeldBytes;
  }

  unread(bytes: number): void {
    this.#unreadBytes += bytes;
    this.#held.changed(this, bytes);
  }

  carried(bytes: number): void {
    this.#carried += bytes;
  }

  /** A second has passed. Breaks the connection off if too much has come in meanwhile that carries nothing. */
  look(): void {
    const { requests, emptyBytesPerSecond } = this.limits;
    this.#requests = Math.max(0, this.#requests - requests.perSecond);
    const empty = this.bytesRead - this.#carried;
    this.#forgiven = Math.min(empty, this.#forgiven + emptyBytesPerSecond);
    if (empty - this.#forgiven > emptyBytesPerSecond) this.#breakOff("empty");
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

  /** The same, and by force when that takes too long: its peer has no claim to the connection any more. */
  expel(status: Status): void {
    this.drain(status);
    this.#cancelExpulsion ??= this.clock.schedule(this.limits.lingerMs + FAREWELL_MS, () => this.destroy());
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
      this.#cancelExpulsion?.();
      for (const stream of this.#streams) stream.lose();
      owner.closed(this);
    });
  }

  #open(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    // Node reports a reset as an error too; without a listener it would end the process.
    stream.on("error", ignore);
    if (++this.#requests > this.limits.requests.burst) this.#breakOff("requests");
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

  #spend(what: Counted): void {
    if (!(this.#budgets[what] ??= new Budget(this.clock, this.limits[what])).spend()) this.#breakOff(what);
  }

  #breakOff(why: keyof typeof names): void {
    if (this.isGone || this.#cancelFarewell !== undefined) return;
    const reason = `too many ${names[why]}`;
    this.#observer.brokeOff(why);
    this.#warnings.warn(this.peer, `${reason}: connection closed`, { peer: this.peer.address });
    // A GOAWAY can't leave while the peer doesn't read: then it is the socket that ends.
    this.#cancelFarewell = this.clock.schedule(FAREWELL_MS, () => this.destroy());
    // Not at once: Node 20 loops for ever, and takes all memory, when a session that has open streams is destroyed by what
    // is called while it reads a reset (test/feature/wire-faults.test.ts).
    setImmediate(() => this.#http2.destroy(new Error(reason), constants.NGHTTP2_ENHANCE_YOUR_CALM));
  }
}

const ignore = (): void => undefined;

// Node tells this number only to itself (for its own timeouts); without it there is one sign of life less.
function bytesWaiting(socket: Socket): number {
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
