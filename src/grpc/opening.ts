import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Clock } from "../lib/clock.ts";
import { ABOUT } from "./request.ts";

/** What a new connection speaks, by its first bytes; `undecided` while they fit the HTTP/2 preface but are few. */
export type Opening = "http2" | "http1" | "tls" | "unknown" | "undecided";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** No method of HTTP/1 begins like this, so the rest of the preface can be left to the HTTP/2 parser. */
const TELLING_BYTES = 4;

/** Tells by the first bytes of a connection what its peer speaks. */
export function recogniseOpening(bytes: Uint8Array): Opening {
  const length = Math.min(bytes.length, preface.length);
  if (preface.subarray(0, length).equals(bytes.subarray(0, length)))
    return length < TELLING_BYTES ? "undecided" : "http2";
  if (bytes[0] === 0x16) return "tls";
  return /^[A-Z]+( |$)/.test(Buffer.from(bytes.subarray(0, 12)).toString("latin1")) ? "http1" : "unknown";
}

/** How the opening of a connection went: `silent` when nothing telling came in time, `left` when the peer closed it. */
export type OpeningVerdict = Exclude<Opening, "undecided"> | "silent" | "left";

/**
 * Waits for the first bytes of a connection and puts them back unread. A connection that says nothing is not kept for
 * longer than `withinMs`. Nothing else may read from the socket meanwhile.
 *
 * Peers that agreed on HTTP/2 in their TLS handshake have nothing to prove, and are left to HTTP/2's keepalive if they then
 * say nothing: to read from a TLS socket before its session does leaves it 9 KiB larger for good.
 */
export function awaitOpening(
  socket: Socket,
  clock: Clock,
  withinMs: number,
  done: (verdict: OpeningVerdict) => void,
): void {
  if (socket instanceof TLSSocket && socket.alpnProtocol === "h2") {
    done("http2");
    return;
  }
  let seen: Buffer = Buffer.alloc(0);
  const cancel = clock.schedule(withinMs, () => finish("silent"));

  function look(): void {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const opening = recogniseOpening(seen);
    if (opening !== "undecided") finish(opening);
  }

  function leave(): void {
    finish("left");
  }

  function finish(verdict: OpeningVerdict): void {
    cancel();
    socket.off("readable", look);
    socket.off("end", leave);
    socket.off("close", leave);
    if (verdict === "http2") socket.unshift(seen);
    done(verdict);
  }

  socket.on("readable", look);
  socket.on("end", leave);
  socket.on("close", leave);
}

/** Time for the short answer to a foreign connection to arrive. */
const GOODBYE_MS = 1_000;

/** Ends a connection that is not taken on: with a short answer where the peer can read one. */
export function dismissOpening(socket: Socket, clock: Clock, verdict: OpeningVerdict): void {
  if (verdict !== "http1") {
    socket.destroy();
    return;
  }
  const cancel = clock.schedule(GOODBYE_MS, () => socket.destroy());
  socket.once("close", cancel);
  // Unread data at the close would make TCP throw the answer away.
  socket.resume();
  const body = `${ABOUT}\n`;
  socket.end(
    `HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
