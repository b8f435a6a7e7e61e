import type { ServerOpts } from "node:net";
import { createServer, type PeerCertificate, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import { authoritiesOf, pairOf, type Pem } from "./credentials/settings.ts";
import type { PeerIdentity } from "./method.ts";
import { uriNames } from "./san.ts";
import { TICKET_LIFE_MS } from "./tickets.ts";

/**
 * What TLS may be spoken with: suites that HTTP/2 allows (RFC 9113, appendix A, lists those that it doesn't). Every client that
 * speaks it has one of the second line; Node's own list goes on with suites without forward secrecy or authenticated encryption.
 */
const CIPHERS = [
  "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** What a server proves itself with, and whom it trusts. May be replaced while it runs. */
export interface Credentials {
  /** Certificate chain in PEM, the server's own first. */
  readonly cert: Pem;
  readonly key: Pem;
  /** Authorities in PEM that clients' certificates are verified against. */
  readonly ca?: Pem | readonly Pem[];
}

/** How a server speaks TLS. */
export interface TlsSettings extends Credentials {
  /** Ask every client for a certificate and turn away those without one that the authorities vouch for. */
  readonly requestCert?: boolean;
}

/** Why credentials can't be used: which of them, and what to do. */
interface Unusable {
  readonly ok: false;
  readonly reason: string;
}

/** The verdict on credentials. */
export type CredentialsVerdict = { readonly ok: true } | Unusable;

/** What Node is given of them. */
type ReadContext = { readonly ok: true; readonly context: TlsOptions } | Unusable;

const conditions: TlsOptions = { minVersion: "TLSv1.2", ciphers: CIPHERS, sessionTimeout: TICKET_LIFE_MS / 1000 };

/** A TLS listener for HTTP/2, with so much time for a handshake. @throws Error that says which setting can't be used, and why. */
export function createTlsServer(settings: TlsSettings, socketOptions: ServerOpts, handshakeMs: number): Server {
  const read = contextOf(settings);
  if (!read.ok) throw new Error(`the TLS credentials are unusable: ${read.reason}`);
  const requestCert = settings.requestCert ?? false;
  return createServer({
    ...socketOptions,
    ...read.context,
    requestCert,
    rejectUnauthorized: requestCert,
    ALPNProtocols: ["h2"],
    handshakeTimeout: handshakeMs,
  });
}

/**
 * New connections are met with these from now on; open ones keep what they have. Unusable ones change nothing. Tickets that
 * were handed out before are of no use any more: each set of credentials has ticket keys of its own.
 */
export function replaceCredentials(server: Server, settings: TlsSettings): CredentialsVerdict {
  const read = contextOf(settings);
  if (!read.ok) return read;
  server.setSecureContext(read.context);
  return { ok: true };
}

/** What the peer of a TLS connection showed, in this handshake or in the one that its ticket comes from. */
export interface Shown {
  readonly identity: PeerIdentity;
  /** When its certificate is valid, milliseconds since the epoch; absent where it showed none. */
  readonly validity?: { readonly fromMs: number; readonly toMs: number };
}

/** Reads what a peer showed; dear enough to be done once a connection. */
export function shownBy(socket: TLSSocket): Shown {
  // A quarter of what getPeerX509Certificate takes, of which ten thousand sinks at once feel every tenth of a millisecond.
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  const { raw, valid_from: from, valid_to: to } = certificate;
  // Node calls a resumed TLS 1.3 session authorized even if it holds no certificate.
  if (raw === undefined || from === undefined || to === undefined) return { identity: { authorized: false, uris: [] } };
  return {
    identity: { authorized: socket.authorized, uris: uriNames(raw) },
    validity: { fromMs: Date.parse(from), toMs: Date.parse(to) },
  };
}

/** Reads key, certificate and authorities, and whether they belong together. Node alone lets empty and odd ones pass. */
function contextOf(settings: TlsSettings): ReadContext {
  const { cert, key, ca, requestCert } = settings;
  if (requestCert === true && ca === undefined) {
    // Node would turn to the public authorities, and let in whoever has a certificate of theirs.
    const reason = "clients have to show certificates, but no authorities to verify them are given; `ca` takes them";
    return { ok: false, reason };
  }
  try {
    const pems = { ...pairOf({ cert, key }), ...(ca !== undefined && { ca: authoritiesOf(ca) }) };
    return { ok: true, context: { ...pems, ...conditions } };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
