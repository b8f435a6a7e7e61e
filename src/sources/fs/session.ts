import { basename, dirname, resolve } from "node:path";
import { Backoff } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Problem } from "../../model/problem.ts";
import type { Resource, ResourceKey } from "../../model/resource.ts";
import { exactCopies, Slab } from "../../wire/slab.ts";
import type { SourceBatch } from "../source.ts";
import { type AheadLimits, inOrder } from "./ahead.ts";
import type { Cache } from "./cache/store.ts";
import type { Disk } from "./disk.ts";
import type { FileOutcome } from "./file-reader.ts";
import { type Due, Files } from "./files.ts";
import type { Helpers, ReadingHelp } from "./help.ts";
import { type Dirt, Marks } from "./marks.ts";
import type { Decode, FileLimits, FileTimings, LoadedDecode } from "./options.ts";
import { asPacked } from "./packed/unpack.ts";
import { isPassedOver, nameOf, shownPath } from "./paths.ts";
import { patches } from "./pieces.ts";
import { problemsOf } from "./report.ts";
import { Reported } from "./reported.ts";
import { Tree } from "./tree.ts";
import { watchTrouble } from "./trouble.ts";
import { Watches } from "./watches.ts";

export interface SessionDeps {
  readonly root: string;
  readonly decode: Decode | LoadedDecode;
  readonly help: ReadingHelp | undefined;
  readonly cache: Cache | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly limits: FileLimits;
  readonly timings: FileTimings;
}

/** Files that are read ahead of what is taken in, so that helpers are busy while one of them starts; their bytes. */
const AHEAD: AheadLimits = { jobs: 16, weight: 64 * 1024 * 1024 };

/** Where changes are kept: each resource can go without another that was read with it. */
const separately = { store: exactCopies, unpackTo: exactCopies };

/**
 * One reading of the folder, from its first scan until it is told to stop. It works in rounds, and only while the consumer
 * pulls: look at what may have changed, read what did and has settled, say what follows. Between rounds nothing happens but
 * that marks are collected.
 */
export class Session {
  readonly #deps: SessionDeps;
  readonly #marks: Marks = new Marks();
  readonly #watches: Watches;
  readonly #tree: Tree;
  readonly #files: Files;
  readonly #reported: Reported = new Reported();
  readonly #backoff: Backoff;
  /** Those who help with the first scan, and later with a round in which as much is to be read. */
  #helpers: Helpers | undefined;
  /** For the first scan only: where its bytes are packed, the files found, and when it last said how far it is. */
  #store: Slab | undefined = new Slab();
  readonly #first = new Set<string>();
  #progressMs = Number.NEGATIVE_INFINITY;
  #degraded: Problem | undefined;
  #folderScopes: ReadonlySet<string> = new Set();
  /** What was not said yet. */
  #upserts: Resource[] = [];
  #deletes: ResourceKey[] = [];
  #synced = false;
  #nextScanMs = 0;
  /** A folder was replaced, and what is to be said of it waits for what is to be read yet; for how long it has only waited. */
  #gathering = false;
  #idleMs = 0;
  #restsSinceMs = 0;

  constructor(deps: SessionDeps) {
    const { disk, timings } = deps;
    this.#deps = deps;
    this.#watches = new Watches(disk, this.#marks);
    this.#tree = new Tree({ ...deps, watches: this.#watches });
    this.#files = new Files({ ...deps, tree: this.#tree, marks: this.#marks });
    this.#backoff = new Backoff({ minMs: timings.retryMinMs, maxMs: timings.retryMaxMs, factor: 2, jitter: 0.2 });
  }

  /** Has everything read again, changed or not. */
  rescan(): void {
    this.#marks.everything(true);
  }

  async *read(signal: AbortSignal): AsyncGenerator<SourceBatch, undefined> {
    const { clock, root } = this.#deps;
    const path = resolve(root);
    try {
      while (!signal.aborted) {
        this.#watches.addRoot(dirname(path), basename(path));
        yield* this.#round(signal);
        await this.#files.keep(signal);
        const dueMs = Math.min(this.#nextScanMs, this.#files.dueMs, this.#files.keepMs);
        if (!signal.aborted) await this.#marks.wait(clock, Math.max(0, dueMs - clock.now()), signal);
      }
    } finally {
      this.#watches.close();
      this.#dismiss();
    }
  }

  async *#round(signal: AbortSignal): AsyncGenerator<SourceBatch, undefined> {
    const { clock, timings } = this.#deps;
    const startMs = clock.now();
    this.#idleMs += startMs - this.#restsSinceMs;
    const dirt = this.#marks.take();
    const full = dirt.all || startMs >= this.#nextScanMs;
    const paths = await this.#search(dirt, full);
    if (this.#tree.trouble !== undefined) {
      this.#nextScanMs = clock.now() + this.#backoff.next();
      yield* this.#degrade(this.#tree.trouble);
      return;
    }
    this.#backoff.reset();
    if (!this.#synced) for (const path of paths) this.#first.add(path);
    this.#files.addDue(paths);
    const due = await this.#files.look(paths, dirt.force);
    if (full) {
      const everyMs = this.#watches.refused === undefined ? timings.pollMs : timings.unwatchedPollMs;
      this.#nextScanMs = clock.now() + Math.max(everyMs, (clock.now() - startMs) * timings.pollShare);
    }
    if (this.#tree.trouble !== undefined) {
      this.#nextScanMs = 0; // it showed while files were missed; the next round says so
      return;
    }
    const doubt = this.#files.size > 0 ? this.#tree.doubt : undefined;
    if (doubt !== undefined) yield* this.#degrade(doubt);
    if (this.#tree.isBeingReplaced && !this.#gathering) [this.#gathering, this.#idleMs] = [true, 0];
    yield* this.#synced ? this.#takeIn(due, signal) : this.#takeInFirst(due, signal);
    yield* this.#sayFolders();
    if (this.#degraded !== undefined && (this.#files.size === 0 || this.#tree.doubt === undefined)) {
      this.#degraded = undefined;
      yield { kind: "recovered" };
    }
    if (!this.#synced && this.#files.dueMs === Number.POSITIVE_INFINITY && !signal.aborted) {
      this.#synced = true;
      if (this.#first.size > 0) yield this.#progress(this.#first.size);
      this.#first.clear();
      this.#store = undefined;
      this.#dismiss();
      yield { kind: "synced" };
    }
  }

  /** Follows the marks through the folders, to the files that are to be looked at. */
  async #search(dirt: Dirt, full: boolean): Promise<Set<string>> {
    const tree = this.#tree;
    const paths = new Set(dirt.files);
    if (full || tree.trouble !== undefined) {
      this.#watches.retry();
      await tree.scan("", true, paths);
      for (const path of this.#files.paths) if (!tree.isHidden(path)) paths.add(path);
      return paths;
    }
    for (const folder of dirt.folders) await tree.scan(folder, false, paths);
    for (const name of dirt.names) {
      const known = tree.isFolder(name);
      const kind = isPassedOver(nameOf(name)) ? undefined : await this.#kindOf(name);
      if (known || kind === "folder") await tree.scan(name, !known, paths);
    }
    return paths;
  }

  async #kindOf(path: string): Promise<string | undefined> {
    try {
      return await this.#deps.disk.kindOf(this.#tree.pathOf(path));
    } catch {
      return undefined; // the folder that it is in has a problem of its own
    }
  }

  *#degrade(reason: Problem): Generator<SourceBatch, undefined> {
    if (this.#degraded?.message === reason.message) return;
    this.#degraded = reason;
    yield { kind: "degraded", reason };
  }

  /**
   * Reads files and says what all of them together changed: a resource that moved between them has not changed. What a folder
   * holds that took the place of another is said at once, however many rounds it takes to read, for it belongs together.
   */
  async *#takeIn(due: readonly Due[], signal: AbortSignal): AsyncGenerator<SourceBatch, undefined> {
    const { clock, timings } = this.#deps;
    for await (const [file, outcome] of this.#fetch(due)) {
      if (signal.aborted) return;
      this.#files.take(file, outcome);
    }
    this.#dismiss();
    this.#restsSinceMs = clock.now();
    if (this.#gathering && this.#files.isReading && this.#idleMs < timings.replacedMs) return;
    this.#gathering = false;
    yield* this.#say(0);
  }

  /** Reads files for the first time, saying what they hold on the way, and how far it has come. */
  async *#takeInFirst(due: readonly Due[], signal: AbortSignal): AsyncGenerator<SourceBatch, undefined> {
    const { clock, timings, limits } = this.#deps;
    for await (const [file, outcome] of this.#fetch(due)) {
      if (signal.aborted) return;
      if (clock.now() - this.#progressMs >= timings.progressMs) {
        this.#progressMs = clock.now();
        yield this.#progress(this.#files.size);
      }
      this.#files.take(file, outcome);
      yield* this.#say(limits.maxPatch);
    }
    yield* this.#say(0);
  }

  /** What files come to, in order; with help where there is much to parse. */
  async *#fetch(due: readonly Due[]): AsyncGenerator<readonly [Due, FileOutcome], undefined> {
    const { help, log } = this.#deps;
    let files = due.length;
    let bytes = due.reduce((sum, { size }) => sum + size, 0);
    const hire = (): Helpers | undefined => (this.#helpers ??= help?.hire(files, bytes, log));
    const helpers = help?.isWorth(files, bytes) === true ? hire : undefined;
    const stores = this.#store === undefined ? separately : { store: this.#store, unpackTo: asPacked };
    const fetch = (file: Due) => this.#files.fetch(file, { ...stores, helpers });
    for await (const fetched of inOrder(due, ({ size }) => size, fetch, AHEAD)) {
      files--;
      bytes -= fetched[0].size;
      yield fetched;
    }
  }

  /** Sends away those who help; what they were reading is lost. */
  #dismiss(): void {
    this.#helpers?.[Symbol.dispose]();
    this.#helpers = undefined;
  }

  #progress(done: number): SourceBatch {
    return { kind: "progress", done, total: this.#first.size, unit: "files" };
  }

  /** Says what has changed, once there is at least so much to say. */
  *#say(atLeast: number): Generator<SourceBatch, undefined> {
    const { upserts, deletes, files } = this.#files.ledger.settle();
    // One by one: a call takes no more arguments than its stack has room for, and one file may hold 130,000 documents.
    for (const resource of upserts) this.#upserts.push(resource);
    for (const key of deletes) this.#deletes.push(key);
    if (this.#upserts.length + this.#deletes.length >= atLeast) {
      const batches = patches(this.#upserts, this.#deletes, this.#deps.limits.maxPatch);
      this.#upserts = [];
      this.#deletes = [];
      yield* batches;
    }
    for (const file of files) {
      if (!file.vanishing) yield* this.#reported.say(file.shown, problemsOf(file, this.#files.ledger));
    }
  }

  *#sayFolders(): Generator<SourceBatch, undefined> {
    const { root, timings } = this.#deps;
    const { refused } = this.#watches;
    const shown = shownPath(root);
    const limits = refused === undefined ? [] : [watchTrouble(shown, refused, timings.unwatchedPollMs)];
    yield* this.#reported.say(`${shown} (watching)`, limits);
    const folders = new Map(this.#tree.problems());
    for (const scope of this.#folderScopes) if (!folders.has(scope)) yield* this.#reported.say(`${scope}/`, []);
    for (const [scope, problem] of folders) yield* this.#reported.say(`${scope}/`, [problem]);
    this.#folderScopes = new Set(folders.keys());
  }
}
