import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { hostPort } from "./address.ts";
import type { Peer } from "./method.ts";
import { identityOf } from "./tls.ts";

/** What a socket, or one that was not let in, says of its other end. */
export interface RemoteEnd {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** Who is at the other end of a socket; for TLS, after the handshake. */
export function peerOf(socket: Socket): Peer {
  const address = peerAddress(socket);
  return socket instanceof TLSSocket ? { address, tls: identityOf(socket) } : { address };
}

/** `ip:port` of the other end, an IPv4 address always in its own notation; `unix` where there is none. */
export function peerAddress({ remoteAddress, remotePort }: RemoteEnd): string {
  if (remoteAddress === undefined || remotePort === undefined) return "unix";
  return hostPort(remoteAddress.replace(/^::ffff:(?=\d+\.)/i, ""), remotePort);
}
