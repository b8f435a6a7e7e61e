import { hash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../../../lib/logger.ts";
import { errorCode, isAbsent } from "../disk.ts";
import type { PackedReading } from "../packed/layout.ts";
import { FRONT_BYTES, isIntact, readFront, writeFront } from "./entry.ts";
import { fingerprint } from "./fingerprint.ts";
import { prepareFolder } from "./folder.ts";
import { MAX_CACHE_BYTES, sweep } from "./sweep.ts";

/** Larger entries are neither written nor read, bytes. */
const MAX_ENTRY_BYTES = 256 * 1024 * 1024;
/** The cache is swept whenever a process has written this much, bytes. */
const SWEEP_EVERY_BYTES: number = MAX_CACHE_BYTES / 16;
/** What is used is marked so once in this time, milliseconds. */
const MARK_EVERY_MS = 24 * 60 * 60 * 1000;

/**
 * Opens the cache in a folder; `undefined`, and a word in the log why, where there can be none.
 *
 * @param options all that decides what a file comes to, beside its content and the code
 */
export function openCache(folder: string, options: unknown, log: Logger): Cache | undefined {
  try {
    return new Cache(prepareFolder(folder), fingerprint(options), log);
  } catch (error) {
    log.warn(`no cache is kept: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/**
 * What files came to, by what decides it: their content, the code that reads them, and its options. A cache never knows better
 * than the file, so it may be deleted, damaged or shared at any time: an entry that isn't what was written is passed over.
 * Nothing here ever rejects.
 */
export class Cache {
  readonly #folder: string;
  readonly #fingerprint: string;
  readonly #log: Logger;
  #isWritable = true;
  /** So that the first entry that is written has the folder swept. */
  #unsweptBytes = SWEEP_EVERY_BYTES;

  constructor(folder: string, fingerprint: string, log: Logger) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
    this.#log = log;
  }

  /** The key of a file whose content has this hash. */
  keyOf(content: Buffer, isJson: boolean): Buffer {
    return hash("sha256", `${this.#fingerprint} ${isJson ? "json" : "yaml"} ${content.toString("hex")}`, "buffer");
  }

  /** What is kept under a key. */
  async get(key: Buffer): Promise<PackedReading | undefined> {
    const path = this.#pathOf(key);
    try {
      const entry = await readEntry(path, key);
      if (entry !== undefined) return entry;
      this.#log.warn(`the cache entry ${path} is damaged or not Galley's; it is ignored and written anew`);
      await rm(path, { force: true });
    } catch (error) {
      if (!isAbsent(error))
        this.#log.warn(`the cache entry ${path} can't be read (${errorCode(error)}); it is ignored`);
    }
    return undefined;
  }

  /** Keeps a reading, whole or not at all. */
  async put(key: Buffer, packed: PackedReading): Promise<void> {
    const bytes = FRONT_BYTES + packed.head.length + packed.bodies.length;
    if (!this.#isWritable || bytes > MAX_ENTRY_BYTES) return;
    const beside = join(this.#folder, `new-${randomUUID()}`);
    try {
      await writeWhole(beside, [writeFront(key, packed), packed.head, packed.bodies]);
      await rename(beside, this.#pathOf(key));
      this.#unsweptBytes += bytes;
      if (this.#unsweptBytes < SWEEP_EVERY_BYTES) return;
      this.#unsweptBytes = 0;
      await sweep(this.#folder, Date.now());
    } catch (error) {
      this.#isWritable = false;
      await rm(beside, { force: true }).catch(() => undefined);
      this.#log.warn(
        `the cache in ${this.#folder} can't be written (${errorCode(error)}); what is read now is not kept`,
      );
    }
  }

  #pathOf(key: Buffer): string {
    return join(this.#folder, key.toString("hex"));
  }
}

async function readEntry(path: string, key: Buffer): Promise<PackedReading | undefined> {
  // Without O_NONBLOCK, opening a pipe that took the file's place would wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size < FRONT_BYTES || stat.size > MAX_ENTRY_BYTES) return undefined;
    const front = Buffer.alloc(FRONT_BYTES);
    const lengths = (await readFully(file, front, 0)) ? readFront(front, key, stat.size) : undefined;
    if (lengths === undefined) return undefined;
    const entry = { head: new Uint8Array(lengths.head), bodies: new Uint8Array(lengths.bodies) };
    const isWhole =
      (await readFully(file, entry.head, FRONT_BYTES)) &&
      (await readFully(file, entry.bodies, FRONT_BYTES + lengths.head));
    if (!isWhole || !isIntact(front, entry)) return undefined;
    // A cache that can't be written can be read all the same.
    if (Date.now() - stat.mtimeMs > MARK_EVERY_MS) await file.utimes(new Date(), new Date()).catch(() => undefined);
    return entry;
  } finally {
    await file.close();
  }
}

async function readFully(file: FileHandle, into: Uint8Array, position: number): Promise<boolean> {
  let length = 0;
  while (length < into.length) {
    const { bytesRead } = await file.read(into, length, into.length - length, position + length);
    if (bytesRead === 0) return false;
    length += bytesRead;
  }
  return true;
}

async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    for (const part of parts) await file.writeFile(part);
  } finally {
    await file.close();
  }
}
