import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** What bytes of a PEM file hold, or why they are of no use and what to do about it. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: string; readonly remedy: string };

/** The certificates of a PEM file. */
export interface Bundle {
  /** Those that can be read, in the order of the file; at least one. */
  readonly certificates: readonly X509Certificate[];
  /** Blocks that begin as certificates and can't be read, or end too early. */
  readonly unusable: number;
}

/** Finds the certificates among whatever else stands in a PEM file. */
export function readCertificates(bytes: Buffer): Read<Bundle> {
  const text = bytes.toString("latin1");
  const begun = text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g);
  const parsed = Array.from(blocks, ([, base64 = ""]) => parseCertificate(Buffer.from(base64, "base64")));
  const certificates = parsed.filter((certificate) => certificate !== undefined);
  const unusable = begun - certificates.length;
  if (certificates.length > 0) return { ok: true, value: { certificates, unusable } };
  const why = unusable > 0 ? "what it holds can't be read as a certificate" : "it holds no certificate in PEM";
  return { ok: false, why, remedy: "a certificate stands between BEGIN CERTIFICATE and END CERTIFICATE" };
}

/** The certificates in PEM, each a text. They are written anew, as OpenSSL minds blank lines which others don't. */
export function pemOf({ certificates }: Bundle): readonly string[] {
  return certificates.map((certificate) => certificate.toString());
}

/** The chain that a server shows: every certificate counts, and the first one is its own. */
export function readChain(bytes: Buffer): Read<Bundle> {
  const read = readCertificates(bytes);
  if (!read.ok || read.value.unusable === 0) return read;
  const why = `${read.value.unusable} of its certificates can't be read`;
  return { ok: false, why, remedy: "make the chain anew from its certificates, the server's own first" };
}

/** The first private key of a PEM file. */
export function readPrivateKey(bytes: Buffer): Read<KeyObject> {
  const text = bytes.toString("latin1");
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    const remedy = "a private key stands between BEGIN PRIVATE KEY and END PRIVATE KEY";
    return { ok: false, why: "it holds no private key in PEM", remedy };
  }
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) {
    const remedy = "decrypt it (openssl pkey -in KEY -out DECRYPTED) and let nobody else read it";
    return { ok: false, why: "it is encrypted with a passphrase", remedy };
  }
  try {
    return { ok: true, value: createPrivateKey(bytes) };
  } catch {
    return { ok: false, why: "what it holds can't be read as a private key", remedy: "make the file anew" };
  }
}

function parseCertificate(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}
