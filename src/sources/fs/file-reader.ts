import type { Clock } from "../../lib/clock.ts";
import type { Problem } from "../../model/problem.ts";
import type { ByteStore } from "../../wire/slab.ts";
import { type Disk, isAbsent, markOf } from "./disk.ts";
import { readDocuments, type Reading } from "./documents.ts";
import type { Decode, FileLimits, FileTimings } from "./options.ts";
import type { FileRecord } from "./records.ts";
import { Slice } from "./slice.ts";
import { textOf } from "./text.ts";
import { fileTrouble, sentenceOn } from "./trouble.ts";

/** What reading a file came to. */
export type FileOutcome =
  | { readonly kind: "reading"; readonly reading: Reading; readonly racy: boolean }
  /** It can't be read. Unless `again`, that will be so until it shows a change. */
  | { readonly kind: "fault"; readonly fault: Problem; readonly again: boolean }
  /** It changed or went while it was read. */
  | { readonly kind: "unsettled" };

export interface FileReaderDeps {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly decode: Decode;
  readonly limits: FileLimits;
  readonly timings: FileTimings;
}

/** File systems tell times apart by up to two seconds: what was written this shortly before may be written to unnoticed. */
const CLOCK_TICK_MS = 2000;

/** Reads one file at a time into documents, never holding the event loop for long. */
export class FileReader {
  readonly #deps: FileReaderDeps;
  readonly #slice: Slice;

  constructor(deps: FileReaderDeps) {
    this.#deps = deps;
    this.#slice = new Slice(deps.clock, deps.timings.sliceMs);
  }

  /** Reads a file that was just seen with this mark and size; `restless`: even if they have changed since. */
  async read(
    file: FileRecord,
    path: string,
    seen: { readonly mark: string; readonly size: number; readonly restless: boolean },
    store: ByteStore,
    maxDocuments: number,
  ): Promise<FileOutcome> {
    const { disk, clock, limits } = this.#deps;
    const { shown } = file;
    if (seen.size > limits.maxFileBytes) {
      const why = `the file has ${seen.size} bytes; more than ${limits.maxFileBytes} are not read: split it`;
      return { kind: "fault", fault: fileTrouble(shown, "file-too-large", why), again: false };
    }
    let bytes: Buffer;
    let racy: boolean;
    try {
      const read = await disk.read(path, limits.maxFileBytes);
      const changed = markOf(read.stat) !== seen.mark;
      if (changed && !seen.restless) return { kind: "unsettled" };
      bytes = read.bytes;
      racy = changed || Math.abs(clock.wall() - read.stat.mtimeMs) < CLOCK_TICK_MS;
    } catch (error) {
      if (isAbsent(error)) return { kind: "unsettled" };
      return { kind: "fault", fault: fileTrouble(shown, "file-unreadable", sentenceOn(shown, error)), again: true };
    }
    const decoded = textOf(bytes);
    if (!decoded.ok) return { kind: "fault", fault: fileTrouble(shown, "not-text", decoded.message), again: racy };
    const { decode } = this.#deps;
    const reading = await readDocuments(file, decoded.text, { decode, store, slice: this.#slice, maxDocuments });
    if (reading !== undefined) return { kind: "reading", reading, racy };
    const why = `with this file there would be more than ${limits.maxDocuments} documents; give a smaller folder`;
    return { kind: "fault", fault: fileTrouble(shown, "too-many-documents", why), again: true };
  }
}
