import { mkdir, rename } from "node:fs/promises";
import { expect } from "vitest";
import { type Disk, type DiskStat, nodeDisk } from "../disk.ts";
import type { FileTimings } from "../options.ts";
import { createFileSource, type FileSource } from "../source.ts";
import { decode, Follower, quick, TestFolder } from "./harness.ts";

// What the tests share that have disks fail.

/** As `quick`, and what failed is tried again soon. */
export const timings: Partial<FileTimings> = { ...quick, retryMinMs: 20, retryMaxMs: 40 };

/** The same without polls: what is found was told of by a watch. */
export const unpolled: Partial<FileTimings> = { ...timings, pollMs: 600_000 };

/** A disk of which single operations can be made to fail, or to look different. */
export class FaultyDisk implements Disk {
  fail: (operation: string, path: string) => string | undefined = () => undefined;
  disguise: (path: string, stat: DiskStat) => DiskStat = (_path, stat) => stat;
  watching = 0;

  #check(operation: string, path: string): void {
    const code = this.fail(operation, path);
    if (code !== undefined) throw Object.assign(new Error(`${code}: made to fail`), { code });
  }

  async stat(path: string): ReturnType<Disk["stat"]> {
    this.#check("stat", path);
    return this.disguise(path, await nodeDisk.stat(path));
  }

  async kindOf(path: string): ReturnType<Disk["kindOf"]> {
    this.#check("stat", path);
    return nodeDisk.kindOf(path);
  }

  async list(path: string): ReturnType<Disk["list"]> {
    this.#check("list", path);
    return nodeDisk.list(path);
  }

  async read(path: string, maxBytes: number): ReturnType<Disk["read"]> {
    this.#check("read", path);
    return nodeDisk.read(path, maxBytes);
  }

  watch(...[path, onChange, onLost]: Parameters<Disk["watch"]>): ReturnType<Disk["watch"]> {
    this.#check("watch", path);
    const close = nodeDisk.watch(path, onChange, onLost);
    this.watching++;
    return () => {
      this.watching--;
      close();
    };
  }
}

interface Following extends AsyncDisposable {
  readonly folder: TestFolder;
  readonly disk: FaultyDisk;
  readonly follower: Follower;
  readonly source: FileSource;
}

/** A source that has said all that a folder of these files holds, on a disk that can be made to fail. */
export async function following(
  files: Readonly<Record<string, string>>,
  more: Partial<FileTimings> = {},
): Promise<Following> {
  const folder = await TestFolder.create(files);
  const disk = new FaultyDisk();
  const source = createFileSource({ root: folder.root, decode, disk, timings: { ...timings, ...more } });
  const follower = await Follower.synced(source);
  follower.log.length = 0;
  return {
    folder,
    disk,
    follower,
    source,
    async [Symbol.asyncDispose](): Promise<void> {
      await follower[Symbol.asyncDispose]();
      expect(disk.watching).toBe(0);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Makes any folder but the present one look as if it were on another device. */
export async function onAnotherDevice(folder: string): Promise<FaultyDisk["disguise"]> {
  const { ino } = await nodeDisk.stat(folder);
  return (path, stat) => (path === folder && stat.ino !== ino ? { ...stat, dev: stat.dev + 1 } : stat);
}

/** Moves a folder away and an empty one in its place; between the two, which an unmount does not have, nothing can be looked at. */
export async function swapUnseen(disk: FaultyDisk, away: string, folder: string): Promise<void> {
  await mkdir(`${away}-empty`);
  disk.fail = () => "EIO";
  await rename(folder, away);
  await rename(`${away}-empty`, folder);
  disk.fail = () => undefined;
}
