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
  let byName: ReadonlyMap<string, readonly Claim[]> | undefined;
  for (const document of documents) {
    for (const { outcome, identity } of document.misses) {
      if (identity === undefined) return new Map(missing.map((claim) => [claim, kept.get(claim) ?? claim.document]));
      // Half of a large file may be missing and the other half broken: each looks at those of its name only.
      byName ??= groupByName(missing);
      for (const claim of byName.get(identity.name) ?? []) {
        const same = outcome === "refused" && claim.kind === identity.kind;
        if (same || isMistyped(identity.kind, claim.kind)) kept.set(claim, document);
      }
    }
  }
  return kept;
}

/** The claims by name. Those of one name are of one collection each, so they are few. */
function groupByName(claims: readonly Claim[]): ReadonlyMap<string, readonly Claim[]> {
  const groups = new Map<string, Claim[]>();
  for (const claim of claims) {
    const group = groups.get(claim.name);
    if (group === undefined) groups.set(claim.name, [claim]);
    else group.push(claim);
  }
  return groups;
}
