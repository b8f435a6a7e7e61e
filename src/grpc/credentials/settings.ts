import { createSecureContext } from "node:tls";
import { pemOf, type Read, readCertificates, readChain, readPrivateKey } from "./pem.ts";

/** A certificate, a chain of them, or a key, in PEM. */
export type Pem = string | Uint8Array;

/** What to do about a certificate that OpenSSL finds too weak. */
export const STRONGER = "issue the certificate anew, with an ECDSA P-256 key or an RSA key of 2048 bits or more";

/**
 * Authorities as Node takes them, one a text: of a longer one it would leave out, without a word, what follows an odd
 * certificate. Node takes anything for authorities, and then trusts nobody: that of a path in place of a text is hard to find.
 * @throws Error that says what is wrong with `ca`, and what to do
 */
export function authoritiesOf(ca: Pem | readonly Pem[]): string[] {
  const pems = isList(ca) ? ca : [ca];
  if (pems.length === 0) throw unusable("ca", "it is an empty list, which vouches for nobody");
  return pems.flatMap((pem) => pemOf(usable("ca", pem, readCertificates)));
}

/**
 * A certificate with its key as Node takes them. What OpenSSL says of a pair that can't be used names neither of them.
 * @throws Error that says what is wrong with `cert` or `key`, and what to do
 */
export function pairOf(given: { readonly cert: Pem; readonly key: Pem }): { cert: string; key: Buffer } {
  const chain = usable("cert", given.cert, readChain);
  const privateKey = usable("key", given.key, readPrivateKey);
  if (!chain.certificates[0]!.checkPrivateKey(privateKey)) throw unusable("key", "it does not belong to `cert`");
  const pair = { cert: pemOf(chain).join(""), key: buffered(given.key) };
  const weakness = weaknessOf(pair);
  if (weakness !== undefined) throw unusable("cert", `OpenSSL turns it down (${weakness}); ${STRONGER}`);
  return pair;
}

/** What OpenSSL alone knows of a certificate: its key is too short, a digest is too weak. `undefined` where it takes it. */
export function weaknessOf({ cert, key }: { readonly cert: string; readonly key: Pem }): string | undefined {
  try {
    // Without authorities Node would read all that it comes with.
    createSecureContext({ cert, key: buffered(key), ca: cert });
    return undefined;
  } catch (error) {
    const { reason, message } = error as Error & { readonly reason?: string };
    return reason ?? message;
  }
}

type Setting = "ca" | "cert" | "key";

function usable<T>(setting: Setting, pem: Pem, read: (bytes: Buffer) => Read<T>): T {
  // Not everybody has a compiler that minds the types.
  if (typeof pem !== "string" && !((pem as unknown) instanceof Uint8Array))
    throw unusable(setting, "it is neither text nor bytes; give what stands in the file");
  const bytes = buffered(pem);
  const found = read(bytes);
  if (found.ok) return found.value;
  if (bytes.includes("-----BEGIN")) throw unusable(setting, `${found.why}; ${found.remedy}`);
  throw unusable(setting, "it is no PEM; give what stands in the file, not the path of it");
}

function unusable(setting: Setting, why: string): Error {
  return new Error(`\`${setting}\` can't be used: ${why}`);
}

function isList(ca: Pem | readonly Pem[]): ca is readonly Pem[] {
  return Array.isArray(ca);
}

function buffered(pem: Pem): Buffer {
  return typeof pem === "string" ? Buffer.from(pem) : Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength);
}
