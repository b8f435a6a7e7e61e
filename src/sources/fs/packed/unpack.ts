import type { Collection, ResourceName, ResourceVersion } from "../../../model/names.ts";
import type { Resource } from "../../../model/resource.ts";
import type { Reading } from "../reading.ts";
import type { ByteStore } from "../../../wire/slab.ts";
import { sameString } from "../identity.ts";
import { Claim, DocumentRecord, type FileRecord, type Hashes, type Miss, type Note } from "../records.ts";
import { CLAIM_WORDS, type Extras, HEAD_WORDS, NO_BYTES, PACKED_FORMAT, type PackedReading } from "./layout.ts";

/** Leaves bytes where they were packed: each keeps all of its file's alive. For what is read together and stays together. */
export const asPacked: ByteStore = { copy: (bytes) => bytes };

/**
 * The records of a file out of a packed reading: the very ones that parsing the text would give. `store` has the bytes of the
 * resources; `head` is not held. `undefined` for arrays that `packReading` can't have made.
 */
export function unpackReading(file: FileRecord, packed: PackedReading, store: ByteStore): Reading | undefined {
  try {
    return unpack(file, packed, store);
  } catch {
    return undefined;
  }
}

function unpack(file: FileRecord, { head, bodies }: PackedReading, store: ByteStore): Reading {
  const words = new Uint32Array(head.buffer, head.byteOffset, Math.floor(head.byteLength / 4));
  const [format, documentCount = 0, claimCount = 0, textChars = 0, charBytes = 0, jsonBytes = 0] = words;
  const textsAt = HEAD_WORDS + 2 * documentCount;
  const claimsAt = textsAt + documentCount + 2 * claimCount;
  const wordsEnd = 4 * (claimsAt + CLAIM_WORDS * claimCount);
  const textBytes = textChars * charBytes;
  if (format !== PACKED_FORMAT || wordsEnd + textBytes + jsonBytes !== head.length)
    throw new Error("no packed reading");

  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const encoding = encodingOf(charBytes);
  const charsOf = (from: number, to: number): string =>
    bytes.toString(encoding, wordsEnd + from * charBytes, wordsEnd + to * charBytes);
  const extras = JSON.parse(bytes.toString("utf8", wordsEnd + textBytes)) as Extras;
  const kinds = extras.kinds.map(sameString);
  const collections = extras.collections.map(sameString);

  const documents: DocumentRecord[] = [];
  const lines: number[] = [];
  const allClaims: Claim[] = [];
  const hashEnds = words.slice(textsAt, textsAt + documentCount);
  const hashBytes = (hashEnds.at(-1) ?? 0) * charBytes;
  const hashes = new PackedHashes(head.slice(wordsEnd, wordsEnd + hashBytes), hashEnds, charBytes);
  // Strings of their own, not slices of a long one: those are larger, and slow to put in order.
  const textEndingAt = (at: number): string => charsOf(at === textsAt ? 0 : words[at - 1]!, words[at]!);
  const versionsAt = textsAt + documentCount;
  const namesAt = versionsAt + claimCount;
  let claim = 0;
  let at = claimsAt;
  for (let i = 0; i < documentCount; i++) {
    lines.push(words[HEAD_WORDS + i]!);
    const document = new DocumentRecord(file, hashes, i);
    documents.push(document);
    const first = claim;
    for (const end = words[HEAD_WORDS + documentCount + i]!; claim < end; claim++) {
      const name = textEndingAt(namesAt + claim) as ResourceName;
      const made = new Claim(document, words[at]!, { kind: kinds[words[at + 1]!]!, name });
      const legacy = span(bodies, words[at + 3]!, words[at + 4]!, store);
      const isShared = words[at + 5] === words[at + 3] && words[at + 6] === words[at + 4];
      const resource: Resource = {
        collection: collections[words[at + 2]!] as Collection,
        name,
        version: textEndingAt(versionsAt + claim) as ResourceVersion,
        legacy,
        current: isShared ? legacy : span(bodies, words[at + 5]!, words[at + 6]!, store),
        origin: made,
      };
      made.hold(resource);
      allClaims.push(made);
      at += CLAIM_WORDS;
    }
    if (claim > first) document.claims = claim === first + 1 ? allClaims[first]! : allClaims.slice(first, claim);
  }
  for (const [i, name] of extras.names) allClaims[i]!.name = name;
  for (const [i, misses, notes] of extras.documents) {
    if (misses.length > 0) documents[i]!.misses = misses.map(missOf);
    if (notes.length > 0) documents[i]!.notes = notes.map(noteOf);
  }
  return { documents, lines };
}

/** The hashes of a file's documents, kept as they were packed. */
class PackedHashes implements Hashes {
  readonly #bytes: Buffer;
  readonly #ends: Uint32Array;
  readonly #charBytes: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, ends: Uint32Array, charBytes: number) {
    this.#bytes = Buffer.from(bytes.buffer);
    this.#ends = ends;
    this.#charBytes = charBytes;
  }

  at(index: number): string {
    const from = index === 0 ? 0 : this.#ends[index - 1]!;
    const to = this.#ends[index]!;
    return this.#bytes.toString(encodingOf(this.#charBytes), from * this.#charBytes, to * this.#charBytes);
  }
}

function encodingOf(charBytes: number): BufferEncoding {
  return charBytes === 2 ? "utf16le" : "latin1";
}

function span(bodies: Uint8Array, from: number, to: number, store: ByteStore): Uint8Array | undefined {
  return from === NO_BYTES ? undefined : store.copy(bodies.subarray(from, to));
}

// JSON leaves out what is undefined.
function missOf({ outcome, identity }: Miss): Miss {
  return { outcome, identity };
}

function noteOf({ severity, code, message, line, column, subject, outcome, identity }: Note): Note {
  return { severity, code, message, line, column, subject, outcome, identity };
}
