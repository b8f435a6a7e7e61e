import type { Server, Socket } from "node:net";
import { Server as TlsServer, type TLSSocket } from "node:tls";
import { Budget } from "./budget.ts";
import type { Peer } from "./method.ts";
import type { ConnectionRefusal } from "./observer.ts";
import { HeldTogether } from "./held-together.ts";
import { awaitOpening, dismissOpening, type OpeningVerdict } from "./opening.ts";
import { PeerWarnings } from "./peer-warnings.ts";
import { peerAddress, type RemoteEnd } from "./peer.ts";
import { PerTurn } from "./per-turn.ts";
import { Rounds } from "./rounds.ts";
import { Session, type SessionContext, type SessionOwner } from "./session.ts";
import { status, type Status } from "./status.ts";
import { staleTicket } from "./tickets.ts";
import { shownBy } from "./tls.ts";

/** Foreign connections that are logged for all to see; a scanner or a wrong port must not fill the log. */
const FOREIGN_LINES = { burst: 10, perSecond: 0.1 };

/**
 * Sessions that begin in one turn of the event loop. Thousands that connect at once have all said what they want by the time
 * that the first is looked at; if all of it were answered in one turn, pushes would wait for more than a second.
 */
const SESSIONS_PER_TURN = 16;

/** From this part of the connections on, those who may not be served get no more of them. */
const FOR_ALL = 0.75;

/** Turns what connects into sessions: TLS handshake, then the opening, then HTTP/2. */
export class Acceptor implements SessionOwner {
  readonly #server: Server;
  readonly #context: SessionContext;
  readonly #mayBeServed: (peer: Peer) => boolean;
  readonly #foreignLines: Budget;
  /** Every socket, so that none outlives the server, with its peer's address: asked for once, since Node keeps what it answers. */
  readonly #sockets = new Map<Socket, string>();
  /** Of these the ones in their TLS handshake. */
  readonly #handshakes = new Set<Socket>();
  readonly #openings = new Set<Socket>();
  readonly #sessions = new Set<Session>();
  /** Of these the ones whose peers may not be served, and never might: health and reflection are for them as well. */
  readonly #guests = new Set<Session>();
  readonly #rounds: Rounds;
  readonly #begin = new PerTurn(SESSIONS_PER_TURN);
  #draining = false;
  #onEmpty: (() => void)[] = [];

  constructor(
    server: Server,
    context: Omit<SessionContext, "warnings" | "held">,
    mayBeServed: (peer: Peer) => boolean = () => true,
  ) {
    const { clock, limits, log } = context;
    this.#server = server;
    this.#mayBeServed = mayBeServed;
    const held = new HeldTogether(limits.maxHeldTogetherBytes);
    this.#context = { ...context, warnings: new PeerWarnings(clock, log), held };
    this.#rounds = new Rounds(context.clock, this.#sessions);
    this.#foreignLines = new Budget(context.clock, FOREIGN_LINES);
    this.#makeRoom();
    server.on("drop", (peer) => this.#dropped(peer ?? {}));
    server.on("connection", (socket: Socket) => this.#accept(socket, server instanceof TlsServer));
    if (!(server instanceof TlsServer)) return;
    server.on("secureConnection", (socket) => this.#secured(socket));
    server.on("tlsClientError", (error, socket) => this.#handshakeFailed(socket, error));
  }

  /** Connections that speak HTTP/2. */
  get connections(): number {
    return this.#sessions.size;
  }

  /** Open calls. */
  get streams(): number {
    let streams = 0;
    for (const session of this.#sessions) streams += session.streams;
    return streams;
  }

  /** Ends all calls with this status and closes their connections as soon as the peers know. */
  drain(status: Status): void {
    this.#draining = true;
    for (const socket of [...this.#handshakes, ...this.#openings]) socket.destroy();
    for (const session of this.#sessions) session.drain(status);
  }

  /** Judges again who may be served, and ends the connections of those who no longer may. */
  recheck(): void {
    let expelled = 0;
    for (const session of this.#sessions) {
      if (this.#mayBeServed(session.peer)) this.#guests.delete(session);
      else if (!this.#guests.has(session)) {
        session.expel(noLongerServed);
        expelled++;
      }
    }
    if (expelled === 0) return;
    this.#context.log.info("connections ended: their peers may no longer be served", { connections: expelled });
  }

  /** Closes everything at once. */
  destroy(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  /** Resolves when there is no connection, and none that is still being told of its end. */
  async emptied(): Promise<void> {
    if (!this.#isEmpty) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }

  closed(session: Session): void {
    this.#sessions.delete(session);
    this.#guests.delete(session);
    this.#rounds.settle();
    this.#left();
  }

  get #isEmpty(): boolean {
    return this.#sockets.size === 0 && this.#sessions.size === 0;
  }

  #left(): void {
    if (!this.#isEmpty) return;
    for (const resolve of this.#onEmpty) resolve();
    this.#onEmpty = [];
  }

  #accept(socket: Socket, encrypted: boolean): void {
    const address = peerAddress(socket);
    this.#sockets.set(socket, address);
    if (encrypted) this.#handshakes.add(socket);
    this.#makeRoom();
    // A socket's error is followed by its close, which is where things are put in order.
    socket.on("error", ignore);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#handshakes.delete(socket);
      this.#makeRoom();
      this.#left();
    });
    if (!encrypted) this.#open(socket, { address });
  }

  #secured(socket: TLSSocket): void {
    socket.on("error", ignore);
    const below = socketBelow(socket);
    const address = this.#sockets.get(below) ?? peerAddress(socket);
    this.#handshakes.delete(below);
    this.#makeRoom();
    const { clock, observer } = this.#context;
    const shown = shownBy(socket);
    const isResumed = socket.isSessionReused();
    const turnedDown = isResumed ? staleTicket(shown, clock.wall()) : undefined;
    if (turnedDown === undefined) {
      observer.shookHands(isResumed ? "resumed" : "full");
      this.#open(socket, { address, tls: shown.identity });
      return;
    }
    this.#foreign(socket, "certificate", `the client certificate was turned down: ${turnedDown}`);
    socket.destroy();
  }

  /**
   * Node closes what comes beyond a number before it is made a socket, which is as cheap as can be. The number moves with
   * the connections that are past their handshake, so that those which are not can't shut the others out.
   */
  #makeRoom(): void {
    const { maxConnections, maxHandshakes } = this.#context.limits;
    const settled = this.#sockets.size - this.#handshakes.size;
    this.#server.maxConnections = Math.min(maxConnections, settled + maxHandshakes);
  }

  #dropped(peer: RemoteEnd): void {
    const { maxConnections } = this.#context.limits;
    const isFull = this.#sockets.size >= maxConnections;
    if (isFull) this.#foreign(peer, "connections", `there are ${maxConnections} connections, as many as there may be`);
    else this.#foreign(peer, "handshakes", "too many TLS handshakes are under way");
  }

  #handshakeFailed(socket: TLSSocket, error: NodeJS.ErrnoException & { readonly reason?: string }): void {
    const { authorizationError: turnedDown } = socket;
    const below = socketBelow(socket);
    // Node says that the time is up and leaves the rest to us.
    if (error.code === "ERR_TLS_HANDSHAKE_TIMEOUT") below.destroy();
    // Node says no more than "hang up" both of a peer that left and of one whose certificate it turned down.
    if (turnedDown)
      this.#foreign(below, "certificate", `the client certificate was turned down: ${String(turnedDown)}`);
    else if (error.code === "ECONNRESET") return;
    else {
      const isBare = error.code === "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE";
      const reason = `the TLS handshake failed: ${error.reason ?? error.message}`;
      this.#foreign(below, isBare ? "certificate" : "handshake", reason);
    }
  }

  #open(socket: Socket, peer: Peer): void {
    const { clock, limits } = this.#context;
    this.#openings.add(socket);
    awaitOpening(socket, clock, limits.openingMs, (verdict) => {
      // Over TLS it is the handshake that takes long, and that can't wait: by now all of it is done.
      if (verdict === "http2" && peer.tls === undefined) this.#begin.run(() => this.#opened(socket, peer, verdict));
      else this.#opened(socket, peer, verdict);
    });
  }

  #opened(socket: Socket, peer: Peer, verdict: OpeningVerdict): void {
    this.#openings.delete(socket);
    if (verdict !== "http2" || socket.destroyed || this.#draining) this.#dismiss(socket, verdict);
    else if (this.#hasPlaceFor(peer)) this.#serve(socket, peer);
    else {
      this.#foreign(socket, "connections", "the places that are left are for those who may be served");
      socket.destroy();
    }
  }

  /** Who has proved who it is, and may not be served, can be on any number of connections, and come back to each of them. */
  #hasPlaceFor(peer: Peer): boolean {
    return this.#sessions.size < this.#context.limits.maxConnections * FOR_ALL || this.#mayBeServed(peer);
  }

  #serve(socket: Socket, peer: Peer): void {
    const session = new Session(socket, peer, this.#context, this);
    this.#sessions.add(session);
    if (!this.#mayBeServed(peer)) this.#guests.add(session);
    this.#rounds.settle();
  }

  #dismiss(socket: Socket, verdict: OpeningVerdict): void {
    // A peer that connects and leaves without a word is a port probe: nothing to tell. HTTP/2 comes here while draining.
    if (verdict !== "left" && verdict !== "http2") this.#foreign(socket, verdict, foreignReasons[verdict]);
    dismissOpening(socket, this.#context.clock, verdict);
  }

  #foreign(peer: RemoteEnd, why: ConnectionRefusal, reason: string): void {
    this.#context.observer.refused(why);
    const fields = { peer: peerAddress(peer), reason };
    if (this.#foreignLines.spend()) this.#context.log.info("connection refused", fields);
    else this.#context.log.debug("connection refused", fields);
  }
}

/** How calls end, of health for one, that have nothing to do with being served. */
const noLongerServed = status("Unavailable", "the connection ends: its peer may no longer be served configuration");

const ignore = (): void => undefined;

const foreignReasons: Readonly<Record<Exclude<OpeningVerdict, "left" | "http2">, string>> = {
  http1: "the peer speaks HTTP/1: this port serves gRPC over HTTP/2",
  tls: "the peer speaks TLS, but this port is plaintext",
  unknown: "the peer speaks neither HTTP/2 nor anything known",
  silent: "the peer connected and said nothing",
};

// The connection that TLS is spoken on: the one that was accepted. It was asked for its peer's address in time, which a TLS
// socket has forgotten once it is closed, and which all peers of a unix socket share.
function socketBelow(socket: TLSSocket): Socket {
  const { _parent: below } = socket as { readonly _parent?: Socket };
  return below ?? socket;
}
