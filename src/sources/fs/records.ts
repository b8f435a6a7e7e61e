import type { Severity, Problem } from "../../model/problem.ts";
import type { Origin, Resource } from "../../model/resource.ts";
import type { Identity } from "./identity.ts";

/** What became of a document, or of one item of a list. */
export type Outcome = "served" | "refused" | "ignored";

/** Something to say about a document. Its line counts from the document's own first line, so that it moves with it. */
export interface Note {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number | undefined;
  readonly subject: string | undefined;
  readonly outcome: Outcome;
  readonly identity: Identity | undefined;
}

/** What a document or a list's item gave instead of a resource, where that may stand for one that was good before. */
export interface Miss {
  readonly outcome: "refused" | "ignored";
  /** Unknown where a refused document can't be read that far. */
  readonly identity: Identity | undefined;
}

/** The hashes of many documents, of which hardly any is ever asked for: a text for each would be four times their bytes. */
export interface Hashes {
  at(index: number): string;
}

/** One document of a file, as it was parsed: again only when its text changes. */
export class DocumentRecord {
  readonly file: FileRecord;
  /** Its place among the documents of the file, from 0. */
  index = 0;
  /** The line in the file on which its text begins. */
  line = 1;
  /** Hash of the text, which itself isn't kept; or where it is among those of its file. */
  #hash: string | Hashes;
  readonly #hashAt: number;
  /** The only claim itself: of a hundred thousand documents nearly all have one, and a list would be twice its size. */
  #claims: Claim | readonly Claim[] = none;
  misses: readonly Miss[] = none;
  notes: readonly Note[] = none;

  constructor(file: FileRecord, hash: string | Hashes, hashAt = 0) {
    this.file = file;
    this.#hash = hash;
    this.#hashAt = hashAt;
  }

  get hash(): string {
    return typeof this.#hash === "string" ? this.#hash : this.#hash.at(this.#hashAt);
  }

  get claims(): readonly Claim[] {
    return this.#claims instanceof Claim ? [this.#claims] : this.#claims;
  }

  set claims(claims: Claim | readonly Claim[]) {
    this.#claims = claims instanceof Claim || claims.length !== 1 ? claims : claims[0]!;
  }

  /** Adds the claims to a list; the usual one costs no list of its own. */
  addClaims(to: Claim[]): void {
    if (this.#claims instanceof Claim) to.push(this.#claims);
    else for (const claim of this.#claims) to.push(claim);
  }
}

/** One file that was read or can't be. */
export class FileRecord {
  /** Relative to the root. */
  readonly path: string;
  readonly segments: readonly string[];
  /** As it is shown: the root as given, and the path. */
  readonly shown: string;
  /** The state in which it was last read. */
  mark = "";
  /** Whether it may have been written to once more at the very time of that state: clocks of file systems tick slowly. */
  racy = false;
  /** Hash of the bytes that its documents came from, where that is known. */
  content: Buffer | undefined;
  documents: readonly DocumentRecord[] = none;
  /** Last good versions of what its broken documents held. */
  kept: readonly Claim[] = none;
  /** It is gone, but not for long enough to believe it. */
  vanishing = false;
  /** Why it couldn't be read. */
  fault: Problem | undefined;

  constructor(path: string, shown: string) {
    this.path = path;
    this.segments = path.split("/");
    this.shown = shown;
  }
}

/** That a document holds a resource. It is the resource's origin, which always knows where the document stands now. */
export class Claim implements Origin {
  document: DocumentRecord;
  /** Line of the resource, counted from the first of the document. */
  readonly line: number;
  readonly kind: string;
  name: string;
  /** How it stands with the ledger, which alone changes it. */
  standing: "new" | "served" | "in company" = "new";
  #resource: Resource | undefined;
  #standIn: Claim | undefined;

  constructor(document: DocumentRecord, line: number, identity: Identity | undefined) {
    this.document = document;
    this.line = line;
    this.kind = identity?.kind ?? "";
    this.name = identity?.name ?? "";
  }

  get resource(): Resource {
    return this.#resource!;
  }

  /**
   * Gives the claim its resource: the one it was decoded to, or an equal one that is in service already. The origin of the
   * latter shows this claim's place from now on.
   */
  hold(resource: Resource): void {
    this.#resource = resource;
    if (resource.name === this.name) this.name = resource.name; // one string in place of two
    if (resource.origin instanceof Claim) resource.origin.#standIn = resource.origin === this ? undefined : this;
  }

  describe(): string {
    return (this.#standIn ?? this).place;
  }

  /** Where this claim itself stands: `mesh/gateway.yaml:12`. */
  get place(): string {
    return `${this.document.file.shown}:${this.document.line + this.line}`;
  }
}

const none: readonly never[] = Object.freeze([]);
