import { randomBytes } from "node:crypto";
import type { Server } from "node:tls";
import type { Clock } from "../lib/clock.ts";
import type { Shown } from "./tls.ts";

/**
 * How long after its full handshake a session may be resumed, milliseconds. Tickets come with the handshake alone, so a
 * shorter life would be over when a stream that was up for a while is cut; and for as long as it lasts nobody asks again
 * whether the issuers of a client's certificate are still valid.
 */
export const TICKET_LIFE_MS = 3_600_000;

/** A key for the name, the authentication and the encryption of tickets, 16 bytes each. */
const TICKET_KEY_BYTES = 48;

/**
 * Has a server seal its tickets with new keys from time to time: what was recorded of connections that resumed in TLS 1.2
 * can be read with the key of their ticket, so none is kept for long.
 */
export function renewTicketKeys(server: Server, clock: Clock): void {
  let madeAt = clock.now();
  // No timer has to be stopped this way, and keys that are too old still open nothing.
  server.on("connection", () => {
    if (clock.now() - madeAt < TICKET_LIFE_MS) return;
    madeAt = clock.now();
    server.setTicketKeys(randomBytes(TICKET_KEY_BYTES));
  });
}

/**
 * Why a connection that was resumed has to be refused, if so: a ticket keeps what was verified when it was made, and OpenSSL
 * doesn't ask whether the client's certificate is still valid.
 * @param wallMs now, milliseconds since the epoch
 */
export function staleTicket({ validity }: Shown, wallMs: number): string | undefined {
  if (validity === undefined) return undefined;
  if (wallMs < validity.fromMs) return "CERT_NOT_YET_VALID";
  // A date that can't be read is in the past, to be on the safe side.
  return wallMs <= validity.toMs ? undefined : "CERT_HAS_EXPIRED";
}
