import { hash } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";
import type { Problem } from "../../model/problem.ts";
import type { ByteStore } from "../../wire/slab.ts";
import type { Cache } from "./cache/store.ts";
import { type Disk, isAbsent, markOf } from "./disk.ts";
import type * as Documents from "./documents.ts";
import type { Helpers } from "./help.ts";
import type { Decode, FileLimits, FileTimings, LoadedDecode } from "./options.ts";
import { unpackReading } from "./packed/unpack.ts";
import { isJson, type Reading } from "./reading.ts";
import type { FileRecord } from "./records.ts";
import { Slice } from "./slice.ts";
import { textOf } from "../../lib/yaml/text.ts";
import { fileTrouble, sentenceOn } from "./trouble.ts";
import type { ReadResult } from "./workers/messages.ts";

/** What reading a file came to. */
export type FileOutcome =
  | {
      readonly kind: "reading";
      readonly reading: Reading;
      readonly racy: boolean;
      /** Hash of the bytes, where somebody may ask for it. */
      readonly content: Buffer | undefined;
      /** Under what the cache is to keep it, where that doesn't yet. */
      readonly unkept: Buffer | undefined;
    }
  /** It still holds the documents that were read of it before. */
  | { readonly kind: "same"; readonly racy: boolean }
  /** It can't be read. Unless `again`, that will be so until it shows a change. */
  | { readonly kind: "fault"; readonly fault: Problem; readonly again: boolean }
  /** It changed or went while it was read. */
  | { readonly kind: "unsettled" };

export interface FileReaderDeps {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly decode: Decode | LoadedDecode;
  readonly cache: Cache | undefined;
  readonly limits: FileLimits;
  readonly timings: FileTimings;
}

/** File systems tell times apart by up to two seconds: what was written this shortly before may be written to unnoticed. */
const CLOCK_TICK_MS = 2000;

/** Up to this size, copying the bytes for another thread costs this one about as much as hashing them. */
const HASHED_HERE_BYTES = 1024 * 1024;

/** Reads files into documents: what is parsed here one at a time, and without holding the event loop for long. */
export class FileReader {
  readonly #deps: FileReaderDeps;
  readonly #slice: Slice;
  /** What parses, once that is needed: where all is in the cache, a start is much quicker without. */
  #parser: Promise<Parser> | undefined;
  /** The file before, once it is parsed here. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(deps: FileReaderDeps) {
    this.#deps = deps;
    this.#slice = new Slice(deps.clock, deps.timings.sliceMs);
  }

  /** Reads a file that was just seen in this state: out of the cache, by a helper that is free, or here. */
  async read(file: FileRecord, path: string, seen: Seen, how: HowToRead): Promise<FileOutcome> {
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
    const { cache } = this.#deps;
    const isAsked = racy || cache !== undefined || file.content !== undefined;
    const content = isAsked ? await contentOf(bytes) : undefined;
    if (content !== undefined && file.content?.equals(content) === true) return { kind: "same", racy };
    const key = content && cache?.keyOf(content, isJson(file));
    const got = { racy, content, unkept: key };
    // Documents that are known already are not parsed again; that is quicker than any help.
    const isKnown = file.documents.length > 0 && (how.helpers === undefined || !(await this.#isAnother(file, bytes)));
    if (isKnown) return await this.#inTurn(undefined, () => this.#readHere(file, bytes, how, got));
    const reading = key && (await this.#recall(file, key, how));
    if (reading !== undefined) return { kind: "reading", reading, racy, content, unkept: undefined };
    return await this.#inTurn(how.helpers?.(), async (helpers) => {
      if (helpers === undefined) return await this.#readHere(file, bytes, how, got);
      const { maxDocuments } = how;
      const result = await helpers.read({ bytes: owned(bytes), isJson: isJson(file), maxDocuments });
      const outcome = result.kind === "lost" ? undefined : this.#takeOver(file, result, how, got);
      if (outcome !== undefined) return outcome;
      if (helpers.isDisposed) return { kind: "unsettled" };
      // The bytes went away with the helper.
      return await this.read(file, path, seen, { ...how, helpers: undefined });
    });
  }

  /** That a file would make too many documents of them all. */
  tooMany({ shown }: FileRecord): FileOutcome {
    const { maxDocuments } = this.#deps.limits;
    const why = `with this file there would be more than ${maxDocuments} documents; give a smaller folder`;
    return { kind: "fault", fault: fileTrouble(shown, "too-many-documents", why), again: true };
  }

  /** Has a file read by a helper that is free, or else here when the file before is done; a helper may be free by then. */
  async #inTurn(
    helpers: Helpers | undefined,
    read: (helpers: Helpers | undefined) => Promise<FileOutcome>,
  ): Promise<FileOutcome> {
    if (isFree(helpers)) return await read(helpers);
    const before = this.#before;
    const { promise, resolve } = turn();
    this.#before = promise;
    await before;
    if (!isFree(helpers)) return await read(undefined).finally(resolve);
    resolve();
    return await read(helpers);
  }

  async #isAnother(file: FileRecord, bytes: Buffer): Promise<boolean> {
    const decoded = textOf(bytes);
    return decoded.ok && (await this.#loadParser()).isAnother(file, decoded);
  }

  async #recall(file: FileRecord, key: Buffer, { unpackTo }: HowToRead): Promise<Reading | undefined> {
    const packed = await this.#deps.cache?.get(key);
    return packed && unpackReading(file, packed, unpackTo);
  }

  async #readHere(file: FileRecord, bytes: Buffer, { store, maxDocuments }: HowToRead, got: Got): Promise<FileOutcome> {
    const decoded = textOf(bytes);
    if (!decoded.ok) return notText(file, decoded.message, got.racy);
    const { decode, readDocuments } = await this.#loadParser();
    const deps = { decode, store, slice: this.#slice, maxDocuments };
    const reading = await readDocuments(file, decoded, deps);
    return reading === undefined ? this.tooMany(file) : { kind: "reading", reading, ...got };
  }

  #loadParser(): Promise<Parser> {
    return (this.#parser ??= loadParser(this.#deps.decode));
  }

  /** What a helper's result means; `undefined` when it can't be understood, whatever the reason. */
  #takeOver(file: FileRecord, result: ReadResult, { unpackTo }: HowToRead, got: Got): FileOutcome | undefined {
    switch (result.kind) {
      case "reading": {
        const reading = unpackReading(file, result.packed, unpackTo);
        return reading && { kind: "reading", reading, ...got };
      }
      case "not-text":
        return notText(file, result.message, got.racy);
      case "too-many-documents":
        return this.tooMany(file);
    }
  }
}

/** What was seen of a file before it is read; `restless`: it is read even if it has changed since. */
export interface Seen {
  readonly mark: string;
  readonly size: number;
  readonly restless: boolean;
}

export interface HowToRead {
  /** Where the bytes of resources go that are decoded in this thread. */
  readonly store: ByteStore;
  /** And of those that helpers or the cache give. */
  readonly unpackTo: ByteStore;
  /** Most documents that the file may have. */
  readonly maxDocuments: number;
  /** Those who can help, where there is much to read; asked for when there is something to parse. */
  readonly helpers: (() => Helpers | undefined) | undefined;
}

/** What is known of the bytes of a file, whoever makes documents of them. */
type Got = Omit<Extract<FileOutcome, { readonly kind: "reading" }>, "kind" | "reading">;

interface Parser extends Pick<typeof Documents, "readDocuments" | "isAnother"> {
  readonly decode: Decode;
}

async function loadParser(decode: Decode | LoadedDecode): Promise<Parser> {
  const [{ readDocuments, isAnother }, loaded] = await Promise.all([
    import("./documents.ts"),
    typeof decode === "function" ? decode : decode.load(),
  ]);
  return { decode: loaded, readDocuments, isAnother };
}

/** Hash of a file's bytes; in another thread where that is worth the copy that is made for it. */
async function contentOf(bytes: Buffer): Promise<Buffer> {
  if (bytes.length <= HASHED_HERE_BYTES) return hash("sha256", bytes, "buffer");
  return Buffer.from(await crypto.subtle.digest("SHA-256", owned(bytes)));
}

function isFree(helpers: Helpers | undefined): boolean {
  return helpers?.isFree ?? false;
}

/** A promise and what fulfils it. */
function turn(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

function notText({ shown }: FileRecord, message: string, racy: boolean): FileOutcome {
  return { kind: "fault", fault: fileTrouble(shown, "not-text", message, { line: 1, column: 1 }), again: racy };
}

/** The bytes in a buffer that they share with nothing else, and that can therefore be given away. */
function owned(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const isAlone = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length;
  return isAlone ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
