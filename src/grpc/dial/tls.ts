import { createSecureContext } from "node:tls";
import * as grpc from "@grpc/grpc-js";
import { pemOf, type Read, readCertificates, readChain, readPrivateKey } from "../credentials/pem.ts";

/** A certificate, a chain of them, or a key, in PEM. */
export type Pem = string | Uint8Array;

/** How the server at the other end is verified, and what we prove ourselves with. */
export interface ClientTls {
  /** Authorities that the server's certificate is checked against; those that come with Node unless given. */
  readonly ca?: Pem | readonly Pem[];
  /** Our certificate with its chain, for mutual TLS. */
  readonly cert?: Pem;
  /** The certificate's private key. */
  readonly key?: Pem;
  /** The name that the server's certificate must bear; the host that is dialled unless given. */
  readonly serverName?: string;
}

/** TLS settings, or where to get them: a function is asked anew for every connection, so rotated files are taken up. */
export type ClientTlsSource = ClientTls | (() => ClientTls | Promise<ClientTls>);

/**
 * The credentials for one connection: plaintext without settings.
 * @throws Error that says which setting can't be used, and why.
 */
export function channelCredentials(tls: ClientTls | undefined): grpc.ChannelCredentials {
  if (tls === undefined) return grpc.credentials.createInsecure();
  const { ca, cert, key } = tls;
  if ((cert === undefined) !== (key === undefined)) throw new Error("a certificate and its key are given together");
  const context = createSecureContext({
    minVersion: "TLSv1.2",
    ...(ca === undefined ? {} : { ca: authorities(ca) }),
    ...(cert === undefined || key === undefined ? {} : pair(cert, key)),
  });
  return grpc.credentials.createFromSecureContext(context);
}

/** Node takes anything for authorities, and then trusts nobody: that of a path in place of a text is hard to find. */
function authorities(ca: Pem | readonly Pem[]): string[] {
  const pems = isList(ca) ? ca : [ca];
  if (pems.length === 0) throw unusable("ca", "it is an empty list, which vouches for nobody");
  return pems.flatMap((pem) => pemOf(usable("ca", pem, readCertificates)));
}

/** What OpenSSL says of a pair that can't be used names neither of them. */
function pair(cert: Pem, key: Pem): { cert: string; key: Buffer } {
  const chain = usable("cert", cert, readChain);
  const privateKey = usable("key", key, readPrivateKey);
  if (!chain.certificates[0]!.checkPrivateKey(privateKey)) throw unusable("key", "it does not belong to `cert`");
  return { cert: pemOf(chain).join(""), key: buffered(key) };
}

function usable<T>(setting: keyof ClientTls, pem: Pem, read: (bytes: Buffer) => Read<T>): T {
  const bytes = buffered(pem);
  const found = read(bytes);
  if (found.ok) return found.value;
  if (bytes.includes("-----BEGIN")) throw unusable(setting, `${found.why}; ${found.remedy}`);
  throw unusable(setting, "it is no PEM; give what stands in the file, not the path of it");
}

function unusable(setting: keyof ClientTls, why: string): Error {
  return new Error(`\`${setting}\` can't be used: ${why}`);
}

function isList(ca: Pem | readonly Pem[]): ca is readonly Pem[] {
  return Array.isArray(ca);
}

function buffered(pem: Pem): Buffer {
  return typeof pem === "string" ? Buffer.from(pem) : Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength);
}
