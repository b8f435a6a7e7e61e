import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Lets a server have so many connections and no more. Who comes when there are as many takes the place of the one that has
 * asked for nothing for longest: a probe must be answered however many connect and say nothing. Who is waiting for an answer
 * keeps its place, and when all are, who comes is turned away.
 */
export function limitConnections(server: Server, most: number): void {
  let count = 0;
  /** Those that wait for no answer, longest first. */
  const quiet = new Set<Socket>();
  const unanswered = new WeakMap<Socket, number>();

  server.on("connection", (socket: Socket) => {
    count++;
    quiet.add(socket);
    socket.once("close", () => {
      count--;
      quiet.delete(socket);
    });
    if (count <= most) return;
    const [longest] = quiet;
    quiet.delete(longest!);
    longest!.destroy();
  });

  server.on("request", ({ socket }: { readonly socket: Socket }, response: ServerResponse) => {
    quiet.delete(socket);
    unanswered.set(socket, (unanswered.get(socket) ?? 0) + 1);
    response.once("close", () => {
      const left = unanswered.get(socket)! - 1;
      unanswered.set(socket, left);
      if (left === 0 && !socket.destroyed) quiet.add(socket);
    });
  });
}
