import { type Disk, isAbsent, markOf } from "./disk.ts";
import { place } from "./reading.ts";
import { type FileOutcome, FileReader, type FileReaderDeps, type HowToRead } from "./file-reader.ts";
import { Ledger } from "./ledger.ts";
import { doubtLoss, hasten, judge, type Pending, type Sight } from "./look.ts";
import type { Marks } from "./marks.ts";
import { packReading } from "./packed/pack.ts";
import { comparePaths, shownPath } from "./paths.ts";
import { FileRecord } from "./records.ts";
import { Slice } from "./slice.ts";
import type { Tree } from "./tree.ts";
import { fileTrouble, sentenceOn } from "./trouble.ts";

/** A file that is due to be read. */
export interface Due {
  readonly file: FileRecord;
  readonly mark: string;
  readonly size: number;
  /** What it lost was missing for a while. */
  readonly believe: boolean;
  /** It goes on changing, and is read as it happens to be. */
  readonly restless: boolean;
}

export interface FilesDeps extends FileReaderDeps {
  readonly tree: Tree;
  readonly marks: Marks;
}

/** Looks that are taken at a time. */
const LOOKS_AT_ONCE = 32;

/** The files below the root: what was read of each, and about which of them nothing is decided yet. */
export class Files {
  readonly ledger: Ledger = new Ledger();
  readonly #deps: FilesDeps;
  readonly #reader: FileReader;
  readonly #records = new Map<string, FileRecord>();
  readonly #pending = new Map<string, Pending>();
  /** What files came to in which they lost something: not read again to believe it, unless they may have changed meanwhile. */
  readonly #doubted = new WeakMap<FileRecord, { readonly mark: string; readonly outcome: FileOutcome }>();
  /** What the cache is to keep and doesn't yet, by its key there; and when that is to be done. */
  readonly #unkept = new Map<FileRecord, Buffer>();
  #keepMs = 0;

  constructor(deps: FilesDeps) {
    this.#deps = deps;
    this.#reader = new FileReader(deps);
  }

  get size(): number {
    return this.#records.size;
  }

  /** Every file that was read. */
  get paths(): Iterable<string> {
    return this.#records.keys();
  }

  /** When the next undecided file is to be looked at; infinity when all are decided. */
  get dueMs(): number {
    let due = Number.POSITIVE_INFINITY;
    for (const pending of this.#pending.values()) due = Math.min(due, pending.dueMs);
    return due;
  }

  /** Whether a file that is there waits to be read, for the first time or again. */
  get isReading(): boolean {
    for (const { last } of this.#pending.values()) if (last !== "gone" && last !== "dangling") return true;
    return false;
  }

  /** Adds the undecided files that are due to `paths`, and has the others of `paths` that are undecided looked at soon. */
  addDue(paths: Set<string>): void {
    const now = this.#deps.clock.now();
    for (const [path, pending] of this.#pending) {
      if (pending.dueMs <= now) paths.add(path);
      else if (paths.delete(path)) this.#pending.set(path, hasten(pending, now, this.#deps.timings));
    }
  }

  /** Looks at files, decides about those that are gone, and gives those that are due to be read, in order. */
  async look(paths: ReadonlySet<string>, force: boolean): Promise<Due[]> {
    const due: Due[] = [];
    const gone: FileRecord[] = [];
    const all = [...paths];
    const sights: SightOrError[] = [];
    for (let i = 0; i < all.length; i += LOOKS_AT_ONCE) {
      const some = all.slice(i, i + LOOKS_AT_ONCE).map((path) => this.#sight(path));
      for (const sight of await Promise.all(some)) sights.push(sight);
    }
    // All at one time: what changed together is due together, and is said together.
    const now = this.#deps.clock.now();
    for (const [i, path] of all.entries()) this.#decide(path, sights[i]!, { now, force }, due, gone);
    await this.#bury(gone);
    return due.sort((a, b) => comparePaths(a.file.segments, b.file.segments));
  }

  /** Reads a file. Nothing changes by it: what it came to is for `take`. */
  async fetch({ file, mark, size, restless }: Due, how: Omit<HowToRead, "maxDocuments">): Promise<FileOutcome> {
    const { limits, tree } = this.#deps;
    const doubted = this.#doubted.get(file);
    if (doubted?.mark === mark) return doubted.outcome;
    const maxDocuments = limits.maxDocuments - this.ledger.documents + file.documents.length;
    return await this.#reader.read(file, tree.pathOf(file.path), { mark, size, restless }, { ...how, maxDocuments });
  }

  /** Takes over what a file holds, unless that is in doubt. */
  take({ file, mark, believe, restless }: Due, fetched: FileOutcome): void {
    const { clock, timings } = this.#deps;
    const outcome = this.#exceeds(file, fetched) ? this.#reader.tooMany(file) : fetched;
    const pending = this.#pending.get(file.path);
    this.#pending.delete(file.path);
    this.#doubted.delete(file);
    switch (outcome.kind) {
      case "unsettled": {
        const now = clock.now();
        const sinceMs = pending?.sinceMs ?? now;
        const dueMs = now + timings.settleMs;
        this.#pending.set(file.path, { sinceMs, dueMs, last: "", lastMs: now, changedMs: now, loss: undefined });
        return;
      }
      case "fault":
        this.#know(file);
        file.mark = outcome.again ? "" : mark;
        file.fault = outcome.fault;
        this.ledger.mention(file);
        return;
      case "same":
      case "reading": {
        const { documents } = outcome.kind === "same" ? file : outcome.reading;
        const doubt = !believe && this.ledger.loses(file, documents);
        if (doubt) this.#pending.set(file.path, doubtLoss(restless ? undefined : pending, mark, clock.now(), timings));
        if (doubt && !restless) {
          if (!outcome.racy) this.#doubted.set(file, { mark, outcome });
          return;
        }
        this.#know(file);
        file.mark = mark;
        file.racy = outcome.racy;
        file.fault = undefined;
        if (outcome.kind === "reading") {
          file.content = outcome.content;
          this.#keepLater(file, outcome.unkept);
          place(outcome.reading);
        }
        this.ledger.assign(file, documents, doubt);
      }
    }
  }

  /** When there is something for `keep` to do. */
  get keepMs(): number {
    return this.#unkept.size === 0 ? Number.POSITIVE_INFINITY : this.#keepMs;
  }

  /** Has the cache keep what was read, unless that changed again shortly before. */
  async keep(signal: AbortSignal): Promise<void> {
    const { cache, clock, timings } = this.#deps;
    if (cache === undefined || clock.now() < this.keepMs) return;
    const slice = new Slice(clock, timings.sliceMs);
    for (const [file, key] of this.#unkept) {
      this.#unkept.delete(file);
      if (this.#records.get(file.path) !== file) continue;
      const { documents } = file;
      await cache.put(key, packReading({ documents, lines: documents.map((document) => document.line) }));
      if (slice.isOver) await slice.rest();
      if (signal.aborted) return;
    }
  }

  #keepLater(file: FileRecord, key: Buffer | undefined): void {
    this.#unkept.delete(file);
    if (key === undefined) return;
    this.#unkept.set(file, key);
    this.#keepMs = this.#deps.clock.now() + this.#deps.timings.keepMs;
  }

  /** Whether a file has too many documents by now: others may have been taken since it was fetched. */
  #exceeds(file: FileRecord, outcome: FileOutcome): boolean {
    if (outcome.kind !== "reading") return false;
    const documents = this.ledger.documents - file.documents.length + outcome.reading.documents.length;
    return documents > this.#deps.limits.maxDocuments;
  }

  async #sight(path: string): Promise<SightOrError> {
    const { disk, tree, clock } = this.#deps;
    try {
      return await sightOf(disk, tree.pathOf(path), clock.wall());
    } catch (error) {
      return { kind: "error", error };
    }
  }

  #decide(path: string, sight: SightOrError, look: Look, due: Due[], gone: FileRecord[]): void {
    const { timings, tree, marks } = this.#deps;
    const known = this.#records.get(path);
    const file = known ?? new FileRecord(path, shownPath(tree.pathOf(path)));
    if (sight.kind === "error") {
      this.#pending.delete(path);
      this.#fault(file, "file-unreadable", sentenceOn(file.shown, sight.error));
      return;
    }
    if (look.force) this.#doubted.delete(file);
    if ((sight.kind === "folder") !== tree.isFolder(path)) marks.name(path); // a folder may be named like a file
    const verdict = judge(sight, known, this.#pending.get(path), look.now, timings, look.force);
    const isAway = sight.kind !== "file" && sight.kind !== "dangling";
    this.ledger.setVanishing(file, isAway && (verdict.kind === "wait" || verdict.kind === "gone"));
    if (verdict.kind === "wait") this.#pending.set(path, verdict.pending);
    else if (verdict.kind === "read" && sight.kind === "file") {
      due.push({ file, mark: sight.mark, size: sight.size, believe: verdict.believe, restless: verdict.restless });
    } else if (verdict.kind === "gone") gone.push(file);
    else {
      this.#pending.delete(path);
      this.#doubted.delete(file);
      if (verdict.kind === "dangling")
        this.#fault(file, "dangling-link", `${file.shown} is a link that leads nowhere; correct it`);
    }
  }

  #know(file: FileRecord): void {
    this.#records.set(file.path, file);
    this.#deps.tree.came(file.path);
  }

  #fault(file: FileRecord, code: string, why: string): void {
    this.#know(file);
    file.mark = "";
    file.fault = fileTrouble(file.shown, code, why);
    this.ledger.mention(file);
  }

  /** Removes files that are gone for certain; the others stay, to be looked at again. */
  async #bury(gone: readonly FileRecord[]): Promise<void> {
    const scanned = new Set<string>();
    const found = new Set<string>();
    for (const file of gone) {
      const absence = await this.#deps.tree.absence(file.path, scanned, found);
      const pending = this.#pending.get(file.path);
      if (absence.kind === "later" && pending !== undefined) {
        this.#pending.set(file.path, { ...pending, dueMs: absence.atMs });
        continue;
      }
      this.#pending.delete(file.path);
      if (absence.kind === "certain") {
        this.#records.delete(file.path);
        this.#deps.tree.went(file.path);
        file.fault = undefined;
        this.ledger.remove(file);
      }
      this.ledger.setVanishing(file, false);
    }
    for (const path of found) this.#deps.marks.file(path);
  }
}

interface Look {
  readonly now: number;
  /** Files are read even if they look unchanged. */
  readonly force: boolean;
}

type SightOrError = Sight | { readonly kind: "error"; readonly error: unknown };

async function sightOf(disk: Disk, path: string, wallMs: number): Promise<Sight> {
  try {
    const stat = await disk.stat(path);
    if (stat.kind !== "file") return { kind: stat.kind === "folder" ? "folder" : "other" };
    return { kind: "file", mark: markOf(stat), size: stat.size, ageMs: wallMs - stat.mtimeMs };
  } catch (error) {
    if (!isAbsent(error)) throw error;
    return { kind: (await disk.kindOf(path)) === undefined ? "gone" : "dangling" };
  }
}
