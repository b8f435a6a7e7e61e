import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMistyped } from "./identity.ts";
import { keepLastGood } from "./keep.ts";
import { Claim, DocumentRecord, FileRecord, type Miss } from "./records.ts";

const file = new FileRecord("a.yaml", "a.yaml");

function claimed(kind: string, name: string): Claim {
  return new Claim(new DocumentRecord(file, "before"), 0, { kind, name });
}

function broken(misses: readonly Miss[]): DocumentRecord {
  const document = new DocumentRecord(file, "now");
  document.misses = misses;
  return document;
}

/** What is kept, with each broken document held against each missing resource. */
function keepSlowly(missing: readonly Claim[], documents: readonly DocumentRecord[]): Map<Claim, DocumentRecord> {
  const misses = documents.flatMap((document) => document.misses.map((miss) => ({ document, ...miss })));
  const untold = misses.findIndex(({ identity }) => identity === undefined);
  const told = untold < 0 ? misses : misses.slice(0, untold);
  const kept = new Map<Claim, DocumentRecord>();
  for (const claim of missing) {
    const last = told.findLast(
      ({ outcome, identity }) =>
        identity!.name === claim.name &&
        ((outcome === "refused" && identity!.kind === claim.kind) || isMistyped(identity!.kind, claim.kind)),
    );
    if (last !== undefined) kept.set(claim, last.document);
    else if (untold >= 0) kept.set(claim, claim.document);
  }
  return kept;
}

describe("the last good versions of a file", () => {
  const kind = fc.constantFrom("test/Thing", "test/Tihng", "test/Other");
  const name = fc.constantFrom("a", "b", "c");
  const outcome = fc.constantFrom("refused" as const, "ignored" as const);
  const identity = fc.option(fc.record({ kind, name }), { nil: undefined, freq: 8 });
  const miss = fc.record({ outcome, identity });

  it("are kept for the broken documents that may be theirs", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ kind, name }), { maxLength: 6, selector: (one) => `${one.kind} ${one.name}` }),
        fc.array(fc.array(miss, { maxLength: 2 }), { maxLength: 6 }),
        (held, texts) => {
          const missing = held.map((one) => claimed(one.kind, one.name));
          const documents = texts.map(broken);
          const meant = (kept: ReadonlyMap<Claim, DocumentRecord>): unknown =>
            missing.map((claim) => [kept.has(claim), documents.indexOf(kept.get(claim)!)]);
          expect(meant(keepLastGood(missing, documents))).toEqual(meant(keepSlowly(missing, documents)));
        },
      ),
    );
  });

  it("are found without holding each missing resource against each broken document", () => {
    const many = 1000;
    let looks = 0;
    const missing = Array.from({ length: many }, (_, i) => {
      const claim = claimed("test/Thing", "");
      return Object.defineProperty(claim, "name", { get: () => (looks++, `gone-${i}`) });
    });
    const documents = Array.from({ length: many }, (_, i) =>
      broken([{ outcome: "refused", identity: { kind: "test/Thing", name: i === 7 ? "gone-7" : `broken-${i}` } }]),
    );
    expect([...keepLastGood(missing, documents).values()]).toEqual([documents[7]]);
    expect(looks).toBeLessThanOrEqual(3 * many);
  });
});
