import type { Collection, ResourceName } from "../../model/names.ts";
import type { Resource, ResourceKey } from "../../model/resource.ts";
import { keepLastGood } from "./keep.ts";
import { comparePaths } from "./paths.ts";
import type { Claim, DocumentRecord, FileRecord } from "./records.ts";

/** What follows from a round of edits. */
export interface LedgerChanges {
  readonly upserts: readonly Resource[];
  readonly deletes: readonly ResourceKey[];
  /** Files about which there may be something else to say than before. */
  readonly files: ReadonlySet<FileRecord>;
}

/** All claims to one resource; the first is the one that is served, once settled. */
interface Slot {
  claims: readonly Claim[];
  served: Resource | undefined;
}

/**
 * Who holds what. Several documents may claim one resource: the first in path order is served, and the next takes over when
 * it goes. Edits may be made in any number and order; `settle` says what they come to, once, so that a resource that only
 * moved from file to file never shows as a change.
 */
export class Ledger {
  readonly #slots = new Map<Collection, Map<ResourceName, Slot>>();
  readonly #touched = new Set<Slot>();
  #files = new Set<FileRecord>();
  #documents = 0;

  /** Documents in all files. */
  get documents(): number {
    return this.#documents;
  }

  /** Whether a file would lose something, were these its documents now. */
  loses(file: FileRecord, documents: readonly DocumentRecord[]): boolean {
    const missing = missingFrom(file, documents);
    return missing.length > keepLastGood(missing, documents).size;
  }

  /** Gives a file these documents in place of those it had. With `keepAll`, nothing that is missing from them is let go. */
  assign(file: FileRecord, documents: readonly DocumentRecord[], keepAll = false): void {
    const missing = missingFrom(file, documents);
    const before = heldBy(file);
    this.#documents += documents.length - file.documents.length;
    file.documents = documents;
    if (keepAll) file.kept = missing;
    else {
      const kept = keepLastGood(missing, documents);
      for (const [claim, document] of kept) claim.document = document;
      file.kept = [...kept.keys()];
    }
    this.#exchange(file, before);
  }

  /** Takes away all that a file holds. */
  remove(file: FileRecord): void {
    const before = heldBy(file);
    this.#documents -= file.documents.length;
    file.documents = [];
    file.kept = [];
    this.#exchange(file, before);
  }

  /** A file that vanishes yields to every other that claims the same. */
  setVanishing(file: FileRecord, vanishing: boolean): void {
    if (file.vanishing === vanishing) return;
    file.vanishing = vanishing;
    if (!vanishing) this.#files.add(file);
    for (const claim of heldBy(file)) this.#touched.add(this.#slot(claim));
  }

  /** There may be something else to say about a file than before. */
  mention(file: FileRecord): void {
    this.#files.add(file);
  }

  /** The claim that is served instead of this one, if another is. */
  winnerOver(claim: Claim): Claim | undefined {
    const winner = this.#slot(claim).claims[0];
    return winner === claim ? undefined : winner;
  }

  settle(): LedgerChanges {
    const upserts: Resource[] = [];
    const deletes: ResourceKey[] = [];
    for (const slot of this.#touched) {
      if (slot.claims.length > 1) slot.claims = slot.claims.toSorted(compareClaims);
      for (const claim of slot.claims) this.#files.add(claim.document.file);
      const winner = slot.claims[0];
      if (winner === undefined) {
        if (slot.served !== undefined) {
          deletes.push({ collection: slot.served.collection, name: slot.served.name });
          this.#slots.get(slot.served.collection)?.delete(slot.served.name);
        }
      } else if (slot.served?.version === winner.resource.version) {
        winner.hold(slot.served);
      } else {
        upserts.push(winner.resource);
        winner.hold(winner.resource);
      }
      slot.served = winner?.resource;
    }
    const files = this.#files;
    this.#files = new Set();
    this.#touched.clear();
    return { upserts, deletes, files };
  }

  /** Puts what a file holds now in the place of what it held. */
  #exchange(file: FileRecord, before: readonly Claim[]): void {
    const now = new Set(heldBy(file));
    for (const claim of before) {
      const slot = this.#slot(claim);
      if (now.delete(claim)) {
        // Still there, but maybe in another place: that matters only where there is a choice.
        if (slot.claims.length > 1) this.#touched.add(slot);
      } else {
        slot.claims = slot.claims.filter((other) => other !== claim);
        this.#touched.add(slot);
      }
    }
    for (const claim of now) {
      const slot = this.#slot(claim);
      // A literal for the one claim that there nearly always is: pushed arrays have room for seventeen.
      slot.claims = slot.claims.length === 0 ? [claim] : [...slot.claims, claim];
      this.#touched.add(slot);
    }
    this.#files.add(file);
  }

  #slot({ resource: { collection, name } }: Claim): Slot {
    let names = this.#slots.get(collection);
    if (names === undefined) this.#slots.set(collection, (names = new Map()));
    let slot = names.get(name);
    if (slot === undefined) names.set(name, (slot = { claims: [], served: undefined }));
    return slot;
  }
}

/** All that a file claims, last good versions included. */
function heldBy(file: FileRecord): Claim[] {
  return [...file.documents.flatMap((document) => document.claims), ...file.kept];
}

/** What a file holds and these documents don't. Of several claims to one resource, only the first was worth anything. */
function missingFrom(file: FileRecord, documents: readonly DocumentRecord[]): Claim[] {
  const there = new Set(documents.flatMap((document) => document.claims));
  const changed = heldBy(file).filter((claim) => !there.has(claim));
  if (changed.length === 0) return changed;
  const names = new Set<string>();
  for (const claim of there) names.add(fullName(claim));
  return changed.filter((claim) => names.size !== names.add(fullName(claim)).size);
}

function fullName({ resource: { collection, name } }: Claim): string {
  return `${collection} ${name}`;
}

function compareClaims(a: Claim, b: Claim): number {
  const [one, other] = [a.document, b.document];
  if (one.file !== other.file) {
    if (one.file.vanishing !== other.file.vanishing) return one.file.vanishing ? 1 : -1;
    return comparePaths(one.file.segments, other.file.segments);
  }
  return one.index - other.index || a.line - b.line;
}
