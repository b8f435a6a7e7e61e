import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { hostPort } from "./address.ts";
import type { Peer } from "./method.ts";
import { identityOf } from "./tls.ts";

/** Who is at the other end of a socket; for TLS, after the handshake. */
export function peerOf(socket: Socket): Peer {
  const address = peerAddress(socket);
  return socket instanceof TLSSocket ? { address, tls: identityOf(socket) } : { address };
}

/** `ip:port` of the other end, an IPv4 address always in its own notation; `unix` where there is none. */
export function peerAddress(socket: Socket): string {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return "unix";
  return hostPort(remoteAddress.replace(/^::ffff:(?=\d+\.)/i, ""), remotePort);
}
