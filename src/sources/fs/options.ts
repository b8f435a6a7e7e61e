import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Parsed } from "../../model/parsed.ts";
import type { Origin, Resource } from "../../model/resource.ts";
import type { ByteStore } from "../../wire/slab.ts";
import type { Cache } from "./cache/store.ts";
import type { Disk } from "./disk.ts";
import type { ReadingHelp } from "./help.ts";

/**
 * Decodes one document; the value is `undefined` for one that is to be ignored. The bytes of the resource belong in `store`:
 * one that packs tightly while everything is read for the first time.
 */
export type Decode = (doc: unknown, origin: Origin, store: ByteStore) => Parsed<Resource | undefined>;

/** A decoder that is loaded when the first document is to be decoded. */
export interface LoadedDecode {
  load(): Promise<Decode>;
}

/** Bounds on what is taken in. What goes beyond is refused with a problem; the last good version stays. */
export interface FileLimits {
  readonly maxFileBytes: number;
  /** In all files together. */
  readonly maxDocuments: number;
  readonly maxFolders: number;
  /** Resources in one patch. */
  readonly maxPatch: number;
}

export const defaultLimits: FileLimits = {
  maxFileBytes: 64 * 1024 * 1024,
  maxDocuments: 1_000_000,
  maxFolders: 20_000,
  maxPatch: 1000,
};

/** When to look and how long to wait, all in milliseconds. */
export interface FileTimings {
  /** A changed file is read once two looks this far apart find it the same. */
  readonly settleMs: number;
  /** A file that goes on changing is read anyway after this long. */
  readonly restlessMs: number;
  /** An empty file, or one that lost documents, is believed after this long. */
  readonly lossMs: number;
  /** A file that is gone is believed to be after this long: some editors move it aside while they save. */
  readonly goneMs: number;
  /** The same when a folder above it was replaced by another meanwhile. */
  readonly replacedMs: number;
  /** Everything is looked at this often, whether or not anything was reported to have changed… */
  readonly pollMs: number;
  /** …or this often where folders can't be watched. */
  readonly unwatchedPollMs: number;
  /** Looking takes no more than one part in so many of the time: polls of large or slow folders come less often. */
  readonly pollShare: number;
  /** Between attempts to see a root folder that can't be seen. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** How long parsing may hold the event loop. */
  readonly sliceMs: number;
  readonly progressMs: number;
  /** What was read is kept in the cache this long after the last change: what changes often is not kept each time. */
  readonly keepMs: number;
}

export const defaultTimings: FileTimings = {
  settleMs: 10,
  restlessMs: 1000,
  lossMs: 200,
  goneMs: 100,
  replacedMs: 2000,
  pollMs: 10_000,
  unwatchedPollMs: 2000,
  pollShare: 50,
  retryMinMs: 250,
  retryMaxMs: 10_000,
  sliceMs: 5,
  progressMs: 100,
  keepMs: 2000,
};

export interface FileSourceOptions {
  /** The folder to read, as it is to be shown. */
  readonly root: string;
  readonly decode: Decode | LoadedDecode;
  /** Who helps with the first scan; without help everything is read in this thread. */
  readonly help?: ReadingHelp | undefined;
  /** What remembers what files came to, from one start to the next. */
  readonly cache?: Cache | undefined;
  readonly clock?: Clock;
  readonly log?: Logger;
  readonly disk?: Disk;
  readonly limits?: Partial<FileLimits>;
  readonly timings?: Partial<FileTimings>;
}
