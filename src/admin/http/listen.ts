import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import type { Logger } from "../../lib/logger.ts";
import { bind } from "./bind.ts";
import type { BindOptions } from "./bind.ts";
import { limitConnections } from "./places.ts";
import { text, writeReply } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { AnswerTurns, type TurnLimits } from "./turns.ts";

/** How much a peer may take of the server. Durations are milliseconds. */
export interface HttpLimits extends TurnLimits {
  /** For all headers of a request to come. */
  readonly headersMs: number;
  /** For a whole request to come. */
  readonly requestMs: number;
  /** Without a byte in or out: a peer that doesn't read its answer. */
  readonly idleMs: number;
  /** How often the limits above are looked at. */
  readonly checkMs: number;
  /** Bytes of the request line and all headers. */
  readonly headerBytes: number;
  /** Connections at the same time; a further one takes the place of who has been silent for longest. */
  readonly connections: number;
}

export const defaultLimits: HttpLimits = {
  headersMs: 5_000,
  requestMs: 10_000,
  idleMs: 20_000,
  checkMs: 1_000,
  headerBytes: 16_384,
  connections: 256,
  requestsAhead: 64,
  unreadBytes: 64 * 1024 ** 2,
};

export interface ListenOptions extends BindOptions {
  readonly log: Logger;
  readonly limits?: HttpLimits;
  readonly answer: (request: IncomingMessage) => Reply | Promise<Reply>;
}

/** A server that listens. Disposing closes it and every connection. */
export interface Listener extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  /** Where it is reached from this machine, without a slash at the end. */
  readonly url: string;
}

/**
 * Serves HTTP/1.1 within limits that keep a slow, silent or greedy peer from doing harm.
 * @throws GalleyError `GLY_LISTEN` that names the port, the reason and the flag.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { limits = defaultLimits, log, answer } = options;
  const turns = new AnswerTurns(limits);
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      maxHeaderSize: limits.headerBytes,
      keepAliveTimeout: 5_000,
    },
    (request, response) => {
      void turns
        .next(request, response)
        .then(() => answer(request))
        .catch((error: unknown) => {
          log.error("a request could not be answered", { url: request.url, error: describe(error) });
          return text(500, "this is a bug in Galley; its log has the details\n");
        })
        .then((reply) => writeReply(response, reply, (bytes) => turns.wait(response, bytes)));
    },
  );
  server.timeout = limits.idleMs;
  limitConnections(server, limits.connections, (socket) => turns.isWaiting(socket));
  await bind(server, options);
  // Once it listens, an error is that of one connection; it must not end the process.
  server.on("error", (error) => log.warn("connection lost", { error: error.message }));

  const bound = server.address() as AddressInfo;
  return {
    address: bound.address,
    port: bound.port,
    url: `http://${reachable(bound)}:${bound.port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function reachable({ address, family }: AddressInfo): string {
  if (address === "::" || address === "0.0.0.0") return "localhost";
  return family === "IPv6" ? `[${address}]` : address;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
