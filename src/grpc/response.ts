import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import { encodeMessage, type Status } from "./status.ts";

/** Headers of every gRPC response. No compression is offered: bodies are shared between streams as they are. */
export const responseHeaders: OutgoingHttpHeaders = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": "identity",
};

// Node would add a date otherwise; no gRPC server sends one. The option is not in its documentation, but does no harm where
// it is unknown.
/** How headers are sent when messages follow. */
export const withMessages = { waitForTrailers: true, sendDate: false } as const;
/** How headers are sent when they are the whole response. */
export const withoutMessages = { endStream: true, sendDate: false } as const;

/** The trailers that tell a status. */
export function trailersOf(status: Status): OutgoingHttpHeaders {
  const trailers: OutgoingHttpHeaders = { "grpc-status": String(status.code) };
  if (status.message !== "") trailers["grpc-message"] = encodeMessage(status.message);
  return trailers;
}

/** Answers a request that no handler sees with a status alone. */
export function refuse(stream: ServerHttp2Stream, status: Status): void {
  stream.respond({ ...responseHeaders, ...trailersOf(status) }, withoutMessages);
  stream.resume();
  endQuietly(stream);
}

/** Answers a request that is not gRPC with a text. */
export function answerText(stream: ServerHttp2Stream, httpStatus: number, text: string): void {
  const headers: OutgoingHttpHeaders = { ":status": httpStatus, "content-type": "text/plain; charset=utf-8" };
  if (httpStatus === 405) headers["allow"] = "POST";
  stream.respond(headers);
  stream.resume();
  stream.end(`${text}\n`, () => endQuietly(stream));
}

/**
 * Closes a stream whose response is complete although its request may not be: with NO_ERROR, as RFC 9113 §8.1 has it, and
 * not before what was just submitted has been handed on (Node submits trailers in its next immediate, before this one).
 */
export function endQuietly(stream: ServerHttp2Stream): void {
  setImmediate(() => stream.close(constants.NGHTTP2_NO_ERROR));
}
