import { codes } from "../../grpc/status.ts";
import type { TlsFlags } from "./client-tls.ts";

/** How a stream failed. */
export interface Failure {
  /** gRPC status code. */
  readonly code: number;
  readonly message: string;
}

const ownFlags = "--tls-cert-file and --tls-key-file";

/**
 * What a person can do about a connection that fails like this, where the message alone doesn't say it.
 * @param flags how the server is reached; plaintext without them
 */
export function adviceOn({ code, message }: Failure, flags: TlsFlags | undefined): string | undefined {
  if (code === codes.Unauthenticated) return refusedAdvice(flags);
  if (code !== codes.Unavailable) return undefined;
  return flags === undefined ? plaintextAdvice(message) : tlsAdvice(message, flags);
}

/** What a person can do about a stream of MCP that ends like this. */
export function mcpAdviceOn(failure: Failure, flags: TlsFlags | undefined): string | undefined {
  return failure.code === codes.Unimplemented
    ? "the server does not speak MCP at this address: watch with --xds what feeds an istiod of today, or give another --server"
    : adviceOn(failure, flags);
}

function refusedAdvice(flags: TlsFlags | undefined): string {
  return flags === undefined
    ? `the server wants to know who it serves: show it a certificate with ${ownFlags}`
    : `the server's access list decides by the URIs in the certificate: have one of ${flags.tlsCertFile || "a certificate"} listed`;
}

/** A server with TLS closes a connection that begins otherwise, without a word. */
function plaintextAdvice(message: string): string | undefined {
  if (!/^(Failed to connect|Protocol error|read ECONNRESET|write EPIPE|.*socket hang up)/u.test(message))
    return undefined;
  return `if the server has TLS, give --ca-cert-file, and ${ownFlags} too where it wants to know who connects`;
}

function tlsAdvice(message: string, flags: TlsFlags): string | undefined {
  const hasOwn = flags.tlsCertFile !== "";
  if (/wrong version number|before secure TLS connection|packet length too long/u.test(message)) {
    return "the server seems to speak plaintext: give --insecure in place of the flags for TLS, or another address";
  }
  if (/altnames/u.test(message)) {
    return "the server's certificate is for other names: give one that it bears with --server-name";
  }
  if (/alert certificate expired/u.test(message))
    return `the certificate in ${flags.tlsCertFile} has expired: give one that is valid`;
  if (/certificate (has expired|is not yet valid)/u.test(message)) {
    return "a certificate of the server has to be replaced there, or the clock of this machine is wrong";
  }
  if (/self-signed certificate|unable to (verify|get)/u.test(message)) return authorityAdvice(flags);
  if (/alert (certificate required|handshake failure)/u.test(message) || (!hasOwn && isClosed(message))) {
    return `the server wants to know who connects: show it a certificate with ${ownFlags}`;
  }
  if (/alert (unknown ca|bad certificate|certificate unknown)/u.test(message) || isClosed(message)) {
    return `the server may have turned down the certificate in ${flags.tlsCertFile}: it has to be of an authority that the server trusts; the server's log says why`;
  }
  return undefined;
}

function isClosed(message: string): boolean {
  return /^(Failed to connect|.*ECONNRESET|.*socket hang up)/u.test(message);
}

function authorityAdvice({ caCertFile }: TlsFlags): string {
  return caCertFile === ""
    ? "give the authority that the server's certificate comes from with --ca-cert-file"
    : `the server's certificate comes from no authority in ${caCertFile}: put there the one that it does come from, or have the server show the certificates in between`;
}
