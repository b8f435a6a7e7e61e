import type { KeyObject } from "node:crypto";
import type { CredentialFiles, CredentialLook, CredentialRole } from "./files.ts";
import type { FileLook } from "./look.ts";
import { pemOf, readCertificates, readChain, readPrivateKey, type Bundle, type Read } from "./pem.ts";
import { STRONGER, weaknessOf } from "./settings.ts";

/** Certificate, key and authorities that can be used together. */
export interface CredentialSet {
  /** Certificate chain in PEM, the server's own first. */
  readonly cert: string;
  readonly key: string;
  /**
   * The authorities, one a text: of a longer one Node would leave out, without a word, what follows an odd certificate.
   * `undefined` where nobody is asked for a certificate.
   */
  readonly ca: readonly string[] | undefined;
  readonly chain: Bundle;
  readonly authorities: Bundle | undefined;
}

/** Why files can't be used. */
export interface CredentialFault {
  /** For scripts and tests. */
  readonly code: `${CredentialRole}-${"missing" | "unreadable" | "unusable"}` | "mismatch" | "unsuitable";
  /** Names the file and says what is wrong with it. */
  readonly message: string;
  readonly remedy: string;
}

/** The verdict on what stands in the files; everything that is wrong with them is found at once. */
export type CredentialVerdict =
  | { readonly ok: true; readonly set: CredentialSet }
  | { readonly ok: false; readonly faults: readonly CredentialFault[] };

/** Judges each file by itself, and then whether they belong together. */
export function judgeCredentials(files: CredentialFiles, look: CredentialLook): CredentialVerdict {
  const { ca: caLook, key: keyLook, cert: certLook } = look.looks;
  const ca = caLook === undefined ? undefined : judgeFile("ca", files.ca ?? "", caLook, readCertificates);
  const key = judgeFile("key", files.key, keyLook, readPrivateKey);
  const cert = judgeFile("cert", files.cert, certLook, readChain);
  if (ca?.ok === false || !key.ok || !cert.ok) {
    return { ok: false, faults: [ca, key, cert].flatMap((part) => (part?.ok === false ? [part.fault] : [])) };
  }
  const set = {
    cert: pemOf(cert.value).join(""),
    key: key.bytes.toString("latin1"),
    ca: ca && pemOf(ca.value),
    chain: cert.value,
    authorities: ca?.value,
  };
  const fault = mismatch(files, set.chain, key.value) ?? unsuitable(files, set);
  return fault === undefined ? { ok: true, set } : { ok: false, faults: [fault] };
}

type Part<T> =
  | { readonly ok: true; readonly bytes: Buffer; readonly value: T }
  | { readonly ok: false; readonly fault: CredentialFault };

const names: Readonly<Record<CredentialRole, string>> = {
  ca: "the authorities",
  key: "the private key",
  cert: "the certificate",
};

function judgeFile<T>(role: CredentialRole, file: string, look: FileLook, read: (bytes: Buffer) => Read<T>): Part<T> {
  const fault = (kind: "missing" | "unreadable" | "unusable", why: string, remedy: string): Part<T> => ({
    ok: false,
    fault: { code: `${role}-${kind}`, message: `${names[role]} in ${file} can't be used: ${why}`, remedy },
  });
  if (look.kind === "absent") return fault("missing", "there is no such file", "create it, or give another path");
  if (look.kind === "unreadable") return fault("unreadable", look.why, "correct the path or the permissions");
  const found = read(look.bytes);
  return found.ok ? { ok: true, bytes: look.bytes, value: found.value } : fault("unusable", found.why, found.remedy);
}

function mismatch(
  files: CredentialFiles,
  { certificates: [own] }: Bundle,
  key: KeyObject,
): CredentialFault | undefined {
  if (own!.checkPrivateKey(key)) return undefined;
  return {
    code: "mismatch",
    message: `the private key in ${files.key} does not belong to the certificate in ${files.cert}`,
    remedy: "replace the one that is out of date; in a chain, the server's own certificate comes first",
  };
}

function unsuitable(files: CredentialFiles, { cert, key }: CredentialSet): CredentialFault | undefined {
  const weakness = weaknessOf({ cert, key });
  if (weakness === undefined) return undefined;
  const all = [files.cert, files.key, ...(files.ca === undefined ? [] : [files.ca])];
  return {
    code: "unsuitable",
    message: `${all.slice(0, -1).join(", ")} and ${all.at(-1)} can't be used together: ${weakness}`,
    remedy: STRONGER,
  };
}
