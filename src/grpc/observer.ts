/**
 * Why a connection was not taken on.
 * - `connections`, `handshakes`: there are as many as there may be.
 * - `certificate`: the client's certificate was turned down, or it had none to show.
 * - `handshake`: TLS could not be agreed on, or took too long.
 * - `http1`, `tls`, `unknown`, `silent`: what came first is no HTTP/2 (`OpeningVerdict`).
 */
export type ConnectionRefusal =
  | "connections"
  | "handshakes"
  | "certificate"
  | "handshake"
  | "http1"
  | "tls"
  | "unknown"
  | "silent";

/** Why this server broke a connection off: the peer sent too many of something, or gave no sign of life. */
export type ConnectionBreak = "resets" | "pings" | "settings" | "requests" | "empty" | "keepalive";

/** What the transport tells those who measure it. Calls are cheap, synchronous, and never throw. */
export interface TransportObserver {
  /** A TLS handshake was finished, from the beginning or with a ticket. */
  shookHands(how: "full" | "resumed"): void;
  refused(why: ConnectionRefusal): void;
  brokeOff(why: ConnectionBreak): void;
}

export const silentTransportObserver: TransportObserver = {
  shookHands: () => undefined,
  refused: () => undefined,
  brokeOff: () => undefined,
};
