import type { X509Certificate } from "node:crypto";
import type { CredentialFiles } from "./files.ts";
import type { CredentialSet } from "./judge.ts";

/** A certificate with less than this part of its life left should have been replaced. */
const LATE = 0.1;

/**
 * What somebody should know of credentials that are in use at that moment (milliseconds since the epoch). A text stays the
 * same for as long as what it tells.
 */
export function warningsOn(files: CredentialFiles, set: CredentialSet, wallMs: number): readonly string[] {
  const warnings: string[] = [];
  const own = validity(set.chain.certificates[0]!);
  const untimely = untimelinessOf(files, set, wallMs);
  if (untimely !== undefined) {
    const { why, when } = untimely;
    warnings.push(`${why}: sinks will refuse it${when === "too late" ? "; replace it" : ""}`);
  } else if (own.to - wallMs < (own.to - own.from) * LATE) {
    warnings.push(`the certificate in ${files.cert} expires on ${day(own.to)}, and no newer one has been put there`);
  }
  if (set.authorities === undefined) return warnings;
  const { certificates, unusable } = set.authorities;
  if (unusable > 0) {
    const total = certificates.length + unusable;
    warnings.push(`${unusable} of the ${total} authorities in ${files.ca} can't be read and are left out`);
  }
  if (!certificates.some(({ ca }) => ca)) {
    warnings.push(
      `none of the certificates in ${files.ca} may sign others: every sink will be refused, but for one that shows one of them; ` +
        "put those there that sign the certificates of sinks",
    );
  }
  if (!certificates.some((authority) => isValid(authority, wallMs))) {
    warnings.push(`no authority in ${files.ca} is valid now: every sink will be refused; replace them`);
  }
  return warnings;
}

/** Why nobody takes the certificate that the server shows at that moment; `undefined` while it is valid. */
export function untimelinessOf(
  files: CredentialFiles,
  set: CredentialSet,
  wallMs: number,
): { readonly when: "too early" | "too late"; readonly why: string } | undefined {
  // Of the server's own alone: with others in the chain may stand an expired authority that only old clients know.
  const { from, to } = validity(set.chain.certificates[0]!);
  if (wallMs > to) return { when: "too late", why: `the certificate in ${files.cert} expired on ${day(to)}` };
  if (wallMs >= from) return undefined;
  return { when: "too early", why: `the certificate in ${files.cert} is not valid before ${day(from)}` };
}

/** When the certificate that the server shows expires, milliseconds since the epoch. */
export function expiryOf(set: CredentialSet): number {
  return validity(set.chain.certificates[0]!).to;
}

function validity({ validFrom, validTo }: X509Certificate): { readonly from: number; readonly to: number } {
  return { from: Date.parse(validFrom), to: Date.parse(validTo) };
}

function isValid(certificate: X509Certificate, wallMs: number): boolean {
  const { from, to } = validity(certificate);
  return wallMs >= from && wallMs <= to;
}

/** A moment for people. */
export function day(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
