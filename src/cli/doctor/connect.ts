import { connect as connectHttp2 } from "node:http2";
import { isIP, type LookupFunction } from "node:net";
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from "node:tls";
import { hostPort } from "../../grpc/address.ts";
import type { TlsSettings } from "./config-sources.ts";
import { type Examined, xdsSources, type XdsSource } from "./examined.ts";
import type { Finding } from "./finding.ts";
import { holds } from "./istiod.ts";

/** Addresses that are tried at the same time. */
const AT_ONCE = 8;

export interface ConnectOptions {
  /** For each connection, milliseconds. */
  readonly timeoutMs: number;
  /** How host names are looked up; as the system does, unless given. */
  readonly lookup?: LookupFunction;
}

/** Tries every address at which istiod would look for an xDS server, from this machine. */
export async function tryConnections(examined: Examined, options: ConnectOptions): Promise<readonly Finding[]> {
  const sources = xdsSources(examined.sources);
  const findings: Finding[] = [];
  for (let at = 0; at < sources.length; at += AT_ONCE) {
    const some = sources.slice(at, at + AT_ONCE).map((source) => tryConnection(source, examined, options));
    findings.push(...(await Promise.all(some)));
  }
  return findings;
}

async function tryConnection(source: XdsSource, { istiod }: Examined, options: ConnectOptions): Promise<Finding> {
  const { text, addressPath: path } = source;
  const isTls = source.tls?.mode === "SIMPLE" && holds(istiod, (release) => release.tls === "simple") !== "no";
  const tried = await reach(source, isTls, options);
  const how = isTls ? "with TLS" : "in plaintext";
  if (tried.ok) {
    const message = `At ${text} a server of HTTP/2 answers ${tried.how}, from this machine. Whether it serves xDS wasn't asked.`;
    return { id: "reached", severity: "info", path, message, remedy: "" };
  }
  return {
    id: "unreachable",
    // A name of the cluster means nothing here, and nothing bad.
    severity: tried.isUnknownName ? "warning" : "error",
    path,
    message: `At ${text} nothing that istiod could talk to answers ${how}, from this machine: ${tried.why}.`,
    remedy: tried.isUnknownName
      ? "Try it from a pod: names of Services are known in the cluster only."
      : "Check that Galley runs and serves xDS there, and whether it does so with TLS.",
  };
}

type Tried =
  | { readonly ok: true; readonly how: string }
  | { readonly ok: false; readonly why: string; readonly isUnknownName: boolean };

/** Connects until the server has sent its settings, which is how HTTP/2 begins. */
function reach({ address, tls }: XdsSource, isTls: boolean, { timeoutMs, lookup }: ConnectOptions): Promise<Tried> {
  const host = address.host === "" ? "localhost" : address.host;
  const authority = `${isTls ? "https" : "http"}://${hostPort(host, address.port)}`;
  if (!URL.canParse(authority))
    return Promise.resolve({ ok: false, why: "its host is no host name", isUnknownName: false });
  return new Promise((resolve) => {
    const session = connectHttp2(authority, {
      ...(isTls ? tlsOptions(host, tls) : {}),
      ...(lookup === undefined ? {} : { lookup }),
    });
    const end = (tried: Tried): void => {
      clearTimeout(timer);
      resolve(tried);
      session.destroy();
    };
    const fail = (why: string, isUnknownName = false): void => end({ ok: false, why, isUnknownName });
    const timer = setTimeout(() => fail(`it didn't answer within ${timeoutMs / 1000} s`), timeoutMs);
    session.on("error", (error: NodeJS.ErrnoException) => fail(reasonOf(error), isLookupFault(error)));
    session.on("close", () => fail("the connection was closed at once"));
    session.on("remoteSettings", () => {
      const protocol = isTls ? (session.socket as TLSSocket).getProtocol() : undefined;
      end({
        ok: true,
        how: protocol === undefined || protocol === null ? "in plaintext" : `over ${protocol}${checked(tls)}`,
      });
    });
  });
}

function checked(tls: TlsSettings | undefined): string {
  return isVerifiable(tls) ? " with a certificate that istiod would take" : " (its certificate wasn't verified)";
}

/** What is in a secret can't be seen from here. */
function isVerifiable(tls: TlsSettings | undefined): boolean {
  return tls !== undefined && !tls.insecureSkipVerify && tls.credentialName === "";
}

function tlsOptions(host: string, tls: TlsSettings | undefined): Readonly<Record<string, unknown>> {
  const name = tls?.sni || host;
  return {
    ...(isIP(name) === 0 ? { servername: name } : {}),
    rejectUnauthorized: isVerifiable(tls),
    ...(tls?.caCertificates ? { ca: tls.caCertificates } : {}),
    checkServerIdentity: (expected: string, certificate: PeerCertificate) =>
      checkServerIdentity(expected, certificate) ?? faultOfNames(certificate, tls),
  };
}

/** istiod compares the names that it is given with the DNS names of the certificate, beside its usual checks. */
function faultOfNames({ subjectaltname = "" }: PeerCertificate, tls: TlsSettings | undefined): Error | undefined {
  if (tls === undefined || tls.caCertificates === "" || tls.subjectAltNames.length === 0) return undefined;
  const names = subjectaltname.split(", ");
  if (tls.subjectAltNames.some((name) => names.includes(`DNS:${name}`))) return undefined;
  return new Error(`none of subjectAltNames is a DNS name of its certificate, which has ${subjectaltname || "none"}`);
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "the host name is not known here",
  EAI_AGAIN: "the host name can't be looked up now",
  ECONNRESET: "the connection was cut off",
  EHOSTUNREACH: "there is no way to the host",
  ENETUNREACH: "there is no way to its network",
  ERR_HTTP2_ERROR: "what answers doesn't speak HTTP/2 in this way",
  EPROTO: "what answers doesn't speak TLS",
};

function isLookupFault({ code }: NodeJS.ErrnoException): boolean {
  return code === "ENOTFOUND" || code === "EAI_AGAIN";
}

function reasonOf(error: NodeJS.ErrnoException): string {
  // Trying several addresses of a name ends in an error that holds those of each.
  const [first] = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : [error];
  return reasons[first?.code ?? ""] ?? (first?.message || String(error));
}
