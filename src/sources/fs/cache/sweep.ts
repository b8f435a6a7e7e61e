import { lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** All entries together take no more than this on disk, bytes. */
export const MAX_CACHE_BYTES: number = 1024 * 1024 * 1024;

/** An entry that no start has used for this long is dropped, milliseconds. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1000;
/** What was never finished is dropped after this, milliseconds. */
const MAX_UNFINISHED_MS = 60 * 60 * 1000;
/** A file takes at least a block of the disk, bytes. */
const BLOCK_BYTES = 4096;

/** Drops the entries that were unused for the longest, until the rest is within the bounds. Other files are left alone. */
export async function sweep(folder: string, nowMs: number, maxBytes: number = MAX_CACHE_BYTES): Promise<void> {
  const entries: { readonly path: string; readonly bytes: number; readonly usedMs: number }[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const stat = await lstat(path).catch(() => undefined); // another process may sweep as well
    if (stat === undefined || !stat.isFile()) continue;
    const ageMs = nowMs - stat.mtimeMs;
    if (name.startsWith("new-")) {
      if (ageMs > MAX_UNFINISHED_MS) await rm(path, { force: true });
    } else if (/^[0-9a-f]{64}$/.test(name)) {
      entries.push({ path, bytes: Math.max(stat.size, BLOCK_BYTES), usedMs: stat.mtimeMs });
    }
  }
  let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes, usedMs } of entries.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= maxBytes && nowMs - usedMs <= MAX_AGE_MS) return;
    await rm(path, { force: true });
    total -= bytes;
  }
}
