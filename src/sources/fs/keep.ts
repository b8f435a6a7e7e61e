import { isMistyped } from "./identity.ts";
import type { Claim, DocumentRecord } from "./records.ts";

/**
 * Which of the resources that a file held before, and no longer holds, stay in service: those whose document may be there
 * still, but broken. Each with the document that is meant. One that can't be read so far as to tell what it is may be any of
 * them; they stay with the document that they had.
 */
export function keepLastGood(
  missing: readonly Claim[],
  documents: readonly DocumentRecord[],
): ReadonlyMap<Claim, DocumentRecord> {
  const kept = new Map<Claim, DocumentRecord>();
  if (missing.length === 0) return kept;
  for (const document of documents) {
    for (const { outcome, identity } of document.misses) {
      if (identity === undefined) return new Map(missing.map((claim) => [claim, kept.get(claim) ?? claim.document]));
      for (const claim of missing) {
        if (claim.name !== identity.name) continue;
        const same = outcome === "refused" && claim.kind === identity.kind;
        if (same || isMistyped(identity.kind, claim.kind)) kept.set(claim, document);
      }
    }
  }
  return kept;
}
