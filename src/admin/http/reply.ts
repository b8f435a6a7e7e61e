import type { ServerResponse } from "node:http";

/** What a request is answered with. Built whole, then written at once: nothing here is large enough to stream. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Plain text, for people and for `curl`. */
export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, contentType: "text/plain; charset=utf-8", body, headers };
}

/**
 * Writes the reply; to HEAD all of it but the body.
 * @param before told how large the body is that is about to be written, bytes
 */
export function writeReply(response: ServerResponse, reply: Reply, before: (bytes: number) => void): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, {
    ...reply.headers,
    "content-type": reply.contentType,
    "content-length": body.length,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  if (response.req.method === "HEAD") response.end();
  else {
    before(body.length);
    response.end(body);
  }
}
