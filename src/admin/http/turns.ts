import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export interface TurnLimits {
  /** Requests that a peer may send ahead of the answers; its connection is closed at the next one. */
  readonly requestsAhead: number;
  /** Bytes of answers that wait for their readers, of all peers together; beyond, who has waited longest is cut off. */
  readonly unreadBytes: number;
}

/** The requests of one connection. */
interface Line {
  /** Resolves when the last of them has been answered, and its answer is read. */
  last: Promise<void>;
  waiting: number;
}

/**
 * Whose request is answered when. An answer may take milliseconds and megabytes to make, and HTTP lets a peer ask a thousand
 * times in one packet, and read nothing. So a connection has one answer at a time, the event loop one in a turn, and what
 * nobody reads is bounded.
 */
export class AnswerTurns {
  readonly #limits: TurnLimits;
  readonly #lines = new WeakMap<Socket, Line>();
  readonly #unread = new Map<ServerResponse, number>();
  #unreadBytes = 0;
  #ready: { readonly socket: Socket; readonly start: () => void }[] = [];

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Resolves when the request may be answered; never if its connection is closed before. */
  async next({ socket }: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = this.#lines.get(socket) ?? { last: Promise.resolve(), waiting: 0 };
    this.#lines.set(socket, line);
    const before = line.last;
    line.waiting++;
    line.last = new Promise((resolve) =>
      response.once("close", () => {
        line.waiting--;
        resolve();
      }),
    );
    if (line.waiting > this.#limits.requestsAhead) socket.destroy();
    await before;
    await this.#turn(socket);
  }

  /** Whether a connection has asked for something that it has not read the answer to. */
  isWaiting(socket: Socket): boolean {
    return (this.#lines.get(socket)?.waiting ?? 0) > 0;
  }

  /** An answer of so many bytes is about to be written. */
  wait(response: ServerResponse, bytes: number): void {
    if (response.req.socket.destroyed) return;
    this.#unread.set(response, bytes);
    this.#unreadBytes += bytes;
    response.once("close", () => this.#forget(response));
    for (const oldest of this.#unread.keys()) {
      if (this.#unreadBytes <= this.#limits.unreadBytes || oldest === response) return;
      this.#forget(oldest);
      oldest.destroy();
    }
  }

  #forget(response: ServerResponse): void {
    this.#unreadBytes -= this.#unread.get(response) ?? 0;
    this.#unread.delete(response);
  }

  #turn(socket: Socket): Promise<void> {
    return new Promise((start) => {
      this.#ready.push({ socket, start });
      if (this.#ready.length === 1) setImmediate(() => this.#pass());
    });
  }

  #pass(): void {
    this.#ready = this.#ready.filter(({ socket }) => !socket.destroyed);
    this.#ready.shift()?.start();
    if (this.#ready.length > 0) setImmediate(() => this.#pass());
  }
}
