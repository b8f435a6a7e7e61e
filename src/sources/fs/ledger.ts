import type { Collection, ResourceName } from "../../model/names.ts";
import type { Resource, ResourceKey } from "../../model/resource.ts";
import { keepLastGood } from "./keep.ts";
import { comparePaths } from "./paths.ts";
import { Claim, type DocumentRecord, type FileRecord } from "./records.ts";

/** What follows from a round of edits. */
export interface LedgerChanges {
  readonly upserts: readonly Resource[];
  readonly deletes: readonly ResourceKey[];
  /** Files about which there may be something else to say than before. */
  readonly files: ReadonlySet<FileRecord>;
}

/** All claims to one resource; the first is the one that is served, once settled. */
interface Slot {
  readonly key: ResourceKey;
  claims: Claim[];
  served: Resource | undefined;
}

/** The claims to one resource. A claim that is alone is its own slot, as nearly all are; it is served, unless it is new. */
type Place = Slot | Claim;

/**
 * Who holds what. Several documents may claim one resource: the first in path order is served, and the next takes over when
 * it goes. Edits may be made in any number and order; `settle` says what they come to, once, so that a resource that only
 * moved from file to file never shows as a change.
 */
export class Ledger {
  readonly #places = new Map<Collection, Map<ResourceName, Place>>();
  readonly #touched = new Set<Slot>();
  /** Claims that were new and alone when they came, in their order; some may be in company by now. */
  #newcomers: Claim[] = [];
  /** Slots among the places. Once settled, each is of several claims. */
  #crowds = 0;
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

  /** Whether any resource is claimed more than once. */
  get isContested(): boolean {
    return this.#crowds > 0;
  }

  /** The claim that is served instead of this one, if another is. */
  winnerOver(claim: Claim): Claim | undefined {
    const place = this.#places.get(claim.resource.collection)?.get(claim.resource.name);
    const winner = place instanceof Claim ? place : place?.claims[0];
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
        if (slot.served !== undefined) deletes.push(slot.key);
        this.#places.get(slot.key.collection)?.delete(slot.key.name);
        this.#crowds--;
      } else if (slot.served?.version === winner.resource.version) {
        winner.hold(slot.served);
      } else {
        upserts.push(winner.resource);
        winner.hold(winner.resource);
      }
      slot.served = winner?.resource;
      if (winner !== undefined && slot.claims.length === 1) this.#keep(winner);
    }
    for (const claim of this.#newcomers) {
      if (claim.standing !== "new") continue;
      claim.standing = "served";
      upserts.push(claim.resource);
      claim.hold(claim.resource);
    }
    const files = this.#files;
    this.#files = new Set();
    this.#touched.clear();
    this.#newcomers = [];
    return { upserts, deletes, files };
  }

  /** Puts what a file holds now in the place of what it held. */
  #exchange(file: FileRecord, before: readonly Claim[]): void {
    this.#files.add(file);
    if (before.length === 0) {
      for (const claim of heldBy(file)) this.#add(claim);
      return;
    }
    const now = new Set(heldBy(file));
    const gone = new Set<Claim>();
    const left = new Set<Slot>();
    for (const claim of before) {
      if (now.delete(claim)) {
        // Still there, but maybe in another place: that matters only where there is a choice.
        const slot = this.#crowd(claim);
        if (slot !== undefined) this.#touched.add(slot);
      } else {
        gone.add(claim);
        left.add(this.#slot(claim));
      }
    }
    // Once a slot: all documents of a large file may claim the same.
    for (const slot of left) {
      slot.claims = slot.claims.filter((claim) => !gone.has(claim));
      this.#touched.add(slot);
    }
    for (const claim of now) this.#add(claim);
  }

  #add(claim: Claim): void {
    const places = this.#placesIn(claim.resource.collection);
    if (!places.has(claim.resource.name)) {
      places.set(claim.resource.name, claim);
      claim.standing = "new";
      this.#newcomers.push(claim);
      return;
    }
    const slot = this.#slot(claim);
    slot.claims.push(claim);
    this.#touched.add(slot);
  }

  /** The slot in which a claim competes, if it has to. */
  #crowd({ resource: { collection, name } }: Claim): Slot | undefined {
    const place = this.#places.get(collection)?.get(name);
    return place === undefined || place instanceof Claim || place.claims.length < 2 ? undefined : place;
  }

  /** The slot of what a claim is for, to be changed and settled. */
  #slot({ resource: { collection, name } }: Claim): Slot {
    const places = this.#placesIn(collection);
    const place = places.get(name);
    if (place !== undefined && !(place instanceof Claim)) return place;
    const slot: Slot = { key: { collection, name }, claims: [], served: undefined };
    if (place !== undefined) {
      slot.claims = [place];
      if (place.standing === "served") slot.served = place.resource;
      place.standing = "in company";
    }
    this.#crowds++;
    places.set(name, slot);
    return slot;
  }

  #keep(claim: Claim): void {
    this.#crowds--;
    claim.standing = "served";
    this.#placesIn(claim.resource.collection).set(claim.resource.name, claim);
  }

  #placesIn(collection: Collection): Map<ResourceName, Place> {
    let places = this.#places.get(collection);
    if (places === undefined) this.#places.set(collection, (places = new Map()));
    return places;
  }
}

/** All that a file claims, last good versions included. */
function heldBy(file: FileRecord): Claim[] {
  const held: Claim[] = [];
  for (const document of file.documents) document.addClaims(held);
  for (const claim of file.kept) held.push(claim);
  return held;
}

/** What a file holds and these documents don't. Of several claims to one resource, only the first was worth anything. */
function missingFrom(file: FileRecord, documents: readonly DocumentRecord[]): Claim[] {
  if (file.documents.length + file.kept.length === 0) return [];
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
