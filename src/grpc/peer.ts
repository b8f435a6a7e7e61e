import { hostPort } from "./address.ts";

/** What a socket, or one that was not let in, says of its other end. */
export interface RemoteEnd {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/** `ip:port` of the other end, an IPv4 address always in its own notation; `unix` where there is none. */
export function peerAddress({ remoteAddress, remotePort }: RemoteEnd): string {
  if (remoteAddress === undefined || remotePort === undefined) return "unix";
  return hostPort(remoteAddress.replace(/^::ffff:(?=\d+\.)/i, ""), remotePort);
}
