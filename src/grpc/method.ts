import type { Metadata } from "./metadata.ts";
import type { Status } from "./status.ts";

/** Who is at the other end of a connection. */
export interface Peer {
  /** `ip:port`, an IPv6 address in brackets; `unix` for a unix socket. */
  readonly address: string;
  /** Present on a TLS connection. */
  readonly tls?: PeerIdentity;
}

/** What the peer proved in the TLS handshake. */
export interface PeerIdentity {
  /** Whether it showed a certificate that our authorities vouch for. */
  readonly authorized: boolean;
  /** URIs (such as `spiffe://…`) among the subject alternative names of its own certificate; those of issuers don't count. */
  readonly uris: readonly string[];
}

/**
 * Why a stream is over.
 * - `ended`: the handler called `end`. Whether the peer heard of it is not known.
 * - `failed`: this server ended it with the status: bad input, deadline, a bug in the handler, shutdown.
 * - `cancelled`: the peer no longer wants it.
 * - `reset`: the peer, or the protocol, broke it off with an HTTP/2 error code.
 * - `lost`: the connection is gone.
 */
export type Closed =
  | { readonly kind: "ended"; readonly status: Status }
  | { readonly kind: "failed"; readonly status: Status }
  | { readonly kind: "cancelled" }
  | { readonly kind: "reset"; readonly code: number }
  | { readonly kind: "lost" };

/** One call, as its handler sees it. After `closed` every method does nothing. */
export interface ServerStream {
  readonly peer: Peer;
  readonly path: string;
  /** What the caller sent along, without the headers of the protocol itself. */
  readonly metadata: Metadata;
  /**
   * Sends the response headers at once, before any message.
   * @throws Error when they were sent already, or when `metadataProblem` finds one.
   */
  sendHeaders(metadata?: Metadata): void;
  /**
   * Sends one message made of pieces. Large pieces are not copied, and what is made of an array of pieces may be kept for when
   * it is sent again: neither the array nor the bytes may ever change.
   *
   * Resolves with `true` when the transport has passed all of it on, so a peer that doesn't read leaves it pending;
   * with `false` when the stream is over. Never rejects.
   * @throws Error when the send before has not resolved: the transport is no queue.
   */
  send(pieces: readonly Uint8Array[]): Promise<boolean>;
  /** No `message` or `halfClose` comes until `resume`; the peer is held back by flow control. */
  pause(): void;
  resume(): void;
  /** Ends the call with this status, after what is being sent; no message comes any more. The first call counts. */
  end(status: Status): void;
}

/**
 * What to do with the events of one call. The callbacks are synchronous and never overlap. One that throws ends its own
 * stream with `INTERNAL`.
 */
export interface StreamHandler {
  /** A message came. Its bytes may share memory with others that came along: copy what is kept for long. */
  message(bytes: Uint8Array): void;
  /** The peer has sent its last message. */
  halfClose(): void;
  /** The last event of a stream, exactly once. */
  closed(reason: Closed): void;
}

/** One RPC method that a server offers. */
export interface Method {
  /** `/package.Service/Method` */
  readonly path: string;
  /** A call begins. May use the stream at once, and even end it. */
  open(stream: ServerStream): StreamHandler;
}
