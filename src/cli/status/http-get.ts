import { type Agent, get, type IncomingMessage } from "node:http";

/** What a server answered, whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** What the server's clock showed, milliseconds since the epoch; undefined if it didn't say. */
  readonly dateMs: number | undefined;
}

export interface HttpGetOptions {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** For the whole exchange, milliseconds. */
  readonly timeoutMs: number;
  /** Bytes of an answer at most. */
  readonly maxBytes: number;
  readonly agent?: Agent;
}

/** Asks once. Rejects with an `Error` that says why there is no answer, within the time and size that are given. */
export function httpGet({ timeoutMs, maxBytes, ...target }: HttpGetOptions): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = get(target, (response) => {
      const pieces: Buffer[] = [];
      let length = 0;
      response.on("data", (piece: Buffer) => {
        pieces.push(piece);
        length += piece.length;
        if (length > maxBytes) response.destroy(new Error(`the answer is longer than ${maxBytes} bytes`));
      });
      response.on("error", reject);
      response.on("end", () => resolve(answerOf(response, Buffer.concat(pieces).toString())));
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`there was no whole answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    request.on("close", () => clearTimeout(timer));
    request.on("error", reject);
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: string): HttpAnswer {
  const dateMs = Date.parse(headers.date ?? "");
  return { status: statusCode, body, dateMs: Number.isNaN(dateMs) ? undefined : dateMs };
}
