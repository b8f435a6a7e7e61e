import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Lets a server have so many connections and no more. Who comes when there are as many takes the place of the one that has
 * asked for nothing for longest: a probe must be answered however many connect and say nothing. Who is waiting for an answer
 * keeps its place, and when all are, who comes is turned away.
 */
export function limitConnections(server: Server, most: number, isWaiting: (socket: Socket) => boolean): void {
  /** In the order in which they asked last, or came. */
  const connections = new Set<Socket>();

  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    if (connections.size <= most) return;
    for (const longest of connections) {
      if (isWaiting(longest)) continue;
      connections.delete(longest);
      longest.destroy();
      return;
    }
  });

  server.on("request", ({ socket }: { readonly socket: Socket }) => {
    if (connections.delete(socket)) connections.add(socket);
  });
}
