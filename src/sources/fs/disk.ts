import { constants, watch as watchFolder, type Stats } from "node:fs";
import { lstat, open, readdir, stat } from "node:fs/promises";

/** What a file system says of a path. */
export interface DiskStat {
  readonly kind: "file" | "folder" | "other";
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly dev: number;
  readonly ino: number;
}

/** A name in a folder; `link` may lead anywhere. */
export interface DiskEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/** The few things that the source asks of a file system. All reject with Node's errors (`code`: ENOENT, EIO…). */
export interface Disk {
  /** Follows links. */
  stat(path: string): Promise<DiskStat>;
  /** What a name stands for itself, links not followed; `undefined` for nothing. */
  kindOf(path: string): Promise<DiskEntry["kind"] | undefined>;
  list(path: string): Promise<readonly DiskEntry[]>;
  /** At most `maxBytes` of a regular file, and how it was right after reading. */
  read(path: string, maxBytes: number): Promise<{ readonly bytes: Buffer; readonly stat: DiskStat }>;
  /** Reports names that change in a folder, `undefined` when the name isn't known. Throws when it can't watch. */
  watch(path: string, onChange: (name: string | undefined) => void, onLost: (error: Error) => void): () => void;
}

export const nodeDisk: Disk = {
  stat: async (path) => describe(await stat(path)),

  async kindOf(path) {
    try {
      return entryKind(await lstat(path));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  },

  async list(path) {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, kind: entryKind(entry) }));
  },

  async read(path, maxBytes) {
    // Without O_NONBLOCK, opening a pipe that took the file's place would wait for a writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const before = describe(await handle.stat());
      if (before.kind !== "file") return { bytes: Buffer.alloc(0), stat: before };
      const buffer = Buffer.allocUnsafeSlow(Math.min(before.size, maxBytes));
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return { bytes: buffer.subarray(0, length), stat: describe(await handle.stat()) };
    } finally {
      await handle.close();
    }
  },

  // Not the recursive kind: on Linux, Node 20 makes of it one watch for each single file (53 for 50 files in 3 folders).
  watch(path, onChange, onLost) {
    const watcher = watchFolder(path, { persistent: false }, (_event, name) => onChange(name ?? undefined));
    watcher.on("error", onLost);
    return () => watcher.close();
  },
};

function entryKind(entry: Pick<Stats, "isFile" | "isDirectory" | "isSymbolicLink">): DiskEntry["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "other";
}

function describe(stats: Stats): DiskStat {
  const { size, mtimeMs, ctimeMs, dev, ino } = stats;
  return { kind: stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other", size, mtimeMs, ctimeMs, dev, ino };
}

/** The code of a file system's error, such as ENOENT; empty for anything else. */
export function errorCode(error: unknown): string {
  const code = (error as Partial<NodeJS.ErrnoException> | null)?.code;
  return typeof code === "string" ? code : "";
}

/** Whether an error says that there is nothing of that name. */
export function isAbsent(error: unknown): boolean {
  return errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR";
}

/** Equal marks mean: not written to since. */
export function markOf({ dev, ino, size, mtimeMs, ctimeMs }: DiskStat): string {
  return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}
