import type { Clock } from "../../lib/clock.ts";
import type { Problem } from "../../model/problem.ts";
import { errorCode, isAbsent, type Disk, type DiskEntry, type DiskStat } from "./disk.ts";
import type { FileLimits, FileTimings } from "./options.ts";
import { isConfigFile, isPassedOver, join, nameOf, parentOf, shownPath } from "./paths.ts";
import { emptiedTrouble, folderTrouble, rootTrouble, sentenceOn } from "./trouble.ts";
import type { Watches } from "./watches.ts";

/** Which folder it is: a path can come to mean another one, by a mount or a rename. */
interface FolderId {
  readonly dev: number;
  readonly ino: number;
}

interface Folder {
  /** The folder whose word is taken: what is missing in it is gone. */
  trusted: FolderId;
  /** Another that has taken its place, and since when. It is trusted once it has stayed for a while. */
  newcomer: (FolderId & { readonly sinceMs: number }) | undefined;
  /** Why what is in it can't be seen. */
  fault: Problem | undefined;
  /** Something else to say about it. */
  note: Problem | undefined;
  /** What was listed, and what is known to have come since: that goes with the folder, too. */
  files: Set<string>;
  folders: Set<string>;
}

export interface TreeDeps {
  /** The root folder as given. */
  readonly root: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly watches: Watches;
  readonly limits: FileLimits;
  readonly timings: FileTimings;
}

/** Whether what is missing may be taken for gone: yes, not before a time, or not as things stand. */
export type Absence = { readonly kind: "certain" | "unknown" } | { readonly kind: "later"; readonly atMs: number };

/** The folders below the root as they were last seen, each watched. Folders are known by their path relative to the root. */
export class Tree {
  readonly #deps: TreeDeps;
  readonly #folders = new Map<string, Folder>();
  /** Why nothing can be seen. Whatever is missing meanwhile means nothing. */
  trouble: Problem | undefined;
  #replacedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(deps: TreeDeps) {
    this.#deps = deps;
  }

  isFolder(path: string): boolean {
    return this.#folders.has(path);
  }

  /** Whether a folder above this path can't be seen into. */
  isHidden(path: string): boolean {
    for (let above = parentOf(path); above !== ""; above = parentOf(above)) {
      if (this.#folders.get(above)?.fault !== undefined) return true;
    }
    return false;
  }

  /** A file was read: the folder that it is in has it from now on, listed or not. */
  came(path: string): void {
    this.#folders.get(parentOf(path))?.files.add(nameOf(path));
  }

  /** A file is gone for certain. */
  went(path: string): void {
    this.#folders.get(parentOf(path))?.files.delete(nameOf(path));
  }

  pathOf(path: string): string {
    const { root } = this.#deps;
    return path === "" ? root : root.endsWith("/") ? root + path : `${root}/${path}`;
  }

  /** Why the root is doubted though it can be read: another, empty folder stands in its place, but not for long. */
  get doubt(): Problem | undefined {
    const root = this.#folders.get("");
    if (root?.newcomer === undefined || root.files.size + root.folders.size > 0) return undefined;
    return emptiedTrouble(shownPath(this.#deps.root), this.#deps.timings.replacedMs);
  }

  /** Whether a folder was replaced by another so lately that what the new one holds may not all have been read yet. */
  get isBeingReplaced(): boolean {
    return this.#deps.clock.now() < this.#replacedUntilMs;
  }

  /** Problems of folders, by how the folder is shown. */
  *problems(): Generator<readonly [shown: string, problem: Problem], undefined> {
    for (const [path, { fault, note }] of this.#folders) {
      const problem = fault ?? note;
      if (problem !== undefined && path !== "") yield [shownPath(this.pathOf(path)), problem];
      else if (note !== undefined) yield [shownPath(this.pathOf(path)), note];
    }
  }

  /**
   * Lists a folder, and those below it that are new; all of them with `deep`, or when it is another folder than before. Adds to
   * `found` the files that are there and those that no longer are.
   */
  async scan(path: string, deep: boolean, found: Set<string>): Promise<void> {
    if (path === "") this.trouble = undefined;
    else if (!this.#folders.has(parentOf(path))) return; // it is found with the folder that it is in, should that come back
    const stat = await this.#stat(path, found);
    if (stat === undefined) return;
    const known = this.#folders.get(path);
    if (known === undefined && this.#folders.size >= this.#deps.limits.maxFolders) {
      const shown = shownPath(this.#deps.root);
      const why = `${shown} has more than ${this.#deps.limits.maxFolders} folders in it; give the folder that is meant`;
      this.trouble = rootTrouble(shown, why, "too-many-folders");
      return;
    }
    const last = known?.newcomer ?? known?.trusted;
    const isOther = last !== undefined && !isSame(last, stat);
    if (isOther) this.#deps.watches.drop(path);
    this.#deps.watches.add(path, this.pathOf(path)); // before listing, so that nothing can come in between
    let entries: readonly DiskEntry[];
    try {
      entries = await this.#deps.disk.list(this.pathOf(path));
    } catch (error) {
      this.#deps.watches.drop(path);
      if (path !== "" && isAbsent(error)) this.#forget(path, found);
      else this.#failed(path, stat, error);
      return;
    }
    const below = await this.#take(path, stat, entries, found);
    for (const name of below) {
      if (this.trouble !== undefined) return;
      const child = join(path, name);
      if (deep || isOther || !this.#folders.has(child)) await this.scan(child, deep || isOther, found);
    }
  }

  /**
   * Whether a file that can't be found is gone, judged by all folders above it as they are now: what is in `scanned` was looked
   * at just before.
   */
  async absence(path: string, scanned: Set<string>, found: Set<string>): Promise<Absence> {
    for (const above of foldersAbove(path).reverse()) {
      if (scanned.has(above)) continue;
      scanned.add(above);
      await this.scan(above, false, found);
    }
    let atMs = 0;
    let isNearest = true;
    for (const above of foldersAbove(path)) {
      const folder = this.#folders.get(above); // none when the folder is gone as well
      if (this.trouble !== undefined || folder?.fault !== undefined) return { kind: "unknown" };
      if (folder !== undefined && isNearest && folder.files.has(path.slice(above === "" ? 0 : above.length + 1))) {
        return { kind: "unknown" };
      }
      isNearest &&= folder === undefined;
      if (folder?.newcomer !== undefined) {
        atMs = Math.max(atMs, folder.newcomer.sinceMs + this.#deps.timings.replacedMs);
      }
    }
    return atMs > 0 ? { kind: "later", atMs } : { kind: "certain" };
  }

  async #stat(path: string, found: Set<string>): Promise<DiskStat | undefined> {
    try {
      const stat = await this.#deps.disk.stat(this.pathOf(path));
      if (stat.kind === "folder") return stat;
      if (path !== "") this.#forget(path, found);
      else this.#failed(path, undefined, Object.assign(new Error("not a folder"), { code: "ENOTDIR" }));
    } catch (error) {
      if (path !== "" && isAbsent(error)) this.#forget(path, found);
      else this.#failed(path, undefined, error);
    }
    return undefined;
  }

  /** A folder that can't be seen keeps what it had. */
  #failed(path: string, stat: DiskStat | undefined, error: unknown): void {
    const shown = shownPath(this.pathOf(path));
    this.#deps.watches.drop(path);
    if (path === "") {
      const code = errorCode(error);
      const why = code === "ENOENT" ? "folder-missing" : code === "ENOTDIR" ? "not-a-folder" : "folder-unreadable";
      this.trouble = rootTrouble(shown, sentenceOn(shown, error), why);
      return;
    }
    const fault = folderTrouble(shown, sentenceOn(shown, error));
    const known = this.#folders.get(path);
    if (known !== undefined) known.fault = fault;
    else this.#adopt(path, newFolder(stat ?? { dev: -1, ino: -1 }, fault));
  }

  /** Takes up a folder. The one that it is in knows it from now on, listed or not: they go together. */
  #adopt(path: string, folder: Folder): void {
    this.#folders.set(path, folder);
    if (path !== "") this.#folders.get(parentOf(path))?.folders.add(nameOf(path));
  }

  #forget(path: string, found: Set<string>): void {
    const folder = this.#folders.get(path);
    if (folder === undefined) return;
    this.#deps.watches.drop(path);
    this.#folders.delete(path);
    for (const name of folder.files) found.add(join(path, name));
    for (const name of folder.folders) this.#forget(join(path, name), found);
  }

  /** Takes in what a folder holds; gives the names of the folders in it. */
  async #take(
    path: string,
    id: FolderId,
    entries: readonly DiskEntry[],
    found: Set<string>,
  ): Promise<readonly string[]> {
    const files = entries.filter(({ name, kind }) => isConfigFile(name) && (kind === "file" || kind === "link"));
    const folders = entries
      .filter(({ name, kind }) => kind === "folder" && !isPassedOver(name))
      .map(({ name }) => name);
    let folder = this.#folders.get(path);
    if (folder === undefined) this.#adopt(path, (folder = newFolder(id, undefined)));
    else if (folder.trusted.ino === -1) folder.trusted = { dev: id.dev, ino: id.ino }; // it was known, but never seen
    if (!this.#isTrusted(path, folder, id, files.length + folders.length === 0)) return [];
    folder.fault = undefined;
    folder.note = this.#badNames(path, files);
    const names = new Set(files.filter(({ name }) => !name.includes("\ufffd")).map(({ name }) => name));
    for (const name of folder.files) if (!names.has(name)) found.add(join(path, name));
    for (const name of names) found.add(join(path, name));
    for (const name of folder.folders) if (!folders.includes(name)) this.#forget(join(path, name), found);
    folder.files = names;
    folder.folders = new Set(folders);
    return folders;
  }

  /**
   * Whether what a folder says may be heard. An empty one from another device, in the place of one that was not empty, is
   * where a volume was mounted: it says nothing about the files. Any other newcomer is heard, but not believed about what it
   * lacks until it has stayed for a while.
   */
  #isTrusted(path: string, folder: Folder, id: FolderId, empty: boolean): boolean {
    if (isSame(folder.trusted, id)) {
      folder.newcomer = undefined;
      return true;
    }
    const { clock, timings } = this.#deps;
    const hadSome = folder.files.size + folder.folders.size > 0;
    if (empty && hadSome && folder.trusted.dev !== id.dev) {
      const shown = shownPath(this.pathOf(path));
      const why = `${shown} is empty and on another device than before; mount its volume again, or restart if it is to be empty`;
      if (path === "") this.trouble = rootTrouble(shown, why, "volume-missing");
      else folder.fault = folderTrouble(shown, why, "volume-missing");
      return false;
    }
    if (folder.newcomer === undefined || !isSame(folder.newcomer, id)) {
      folder.newcomer = { dev: id.dev, ino: id.ino, sinceMs: clock.now() };
      this.#replacedUntilMs = clock.now() + timings.replacedMs;
    } else if (clock.now() - folder.newcomer.sinceMs >= timings.replacedMs) {
      folder.trusted = id;
      folder.newcomer = undefined;
    }
    return true;
  }

  #badNames(path: string, files: readonly DiskEntry[]): Problem | undefined {
    const bad = files.filter(({ name }) => name.includes("\ufffd")).length;
    if (bad === 0) return undefined;
    const shown = shownPath(this.pathOf(path));
    const why = `${shown} has ${bad} files whose names are not UTF-8; rename them`;
    return { severity: "error", code: "bad-file-name", message: why, action: "not read", at: { file: shown } };
  }
}

/** The folders above a path, from the nearest to the root. */
function foldersAbove(path: string): string[] {
  const above = [parentOf(path)];
  while (above.at(-1) !== "") above.push(parentOf(above.at(-1)!));
  return above;
}

function isSame(a: FolderId, b: FolderId): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

function newFolder({ dev, ino }: FolderId, fault: Problem | undefined): Folder {
  return { trusted: { dev, ino }, newcomer: undefined, fault, note: undefined, files: new Set(), folders: new Set() };
}
